"""Make the two small Korean fonts of this folder from the full Gowun Batang.

The sample paper must look the same on every machine, so its Korean font travels with it. The full font has
all 11,172 syllables and weighs 8 MB a weight; what Korean text needs are the 2,350 syllables of KS X 1001.
Outlines go from TrueType to CFF because there strokes that many syllables share are stored once.

Run as: python subset.py FOLDER, where FOLDER holds the package's gowun-batang-korean-{400,700}-normal.woff2.
Needs fonttools, brotli and cffsubr; the README beside this file says where the package comes from.
"""

import sys
from pathlib import Path

import cffsubr
from fontTools import subset
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.filterPen import DecomposingFilterPen
from fontTools.pens.qu2cuPen import Qu2CuPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent
WEIGHTS = {400: "Regular", 700: "Bold"}
CURVE_ERROR = 1.0  # font units of 1,000: a hundredth of a point in body text, which no eye sees
MADE = 3_786_912_000  # 1 January 2024 in seconds since 1904: a fixed time stamp, so that files compare equal
COPYRIGHT, LICENCE, LICENCE_URL = 0, 13, 14  # name ids of the OpenType name table


def ks_x_1001() -> list[int]:
    """The 2,350 Hangul syllables of KS X 1001: rows B0 to C8 of EUC-KR."""
    rows, cells = range(0xB0, 0xC9), range(0xA1, 0xFF)
    return [ord(bytes([row, cell]).decode("euc-kr")) for row in rows for cell in cells]


def reduced(path: Path) -> TTFont:
    """The font with ASCII and the KS X 1001 syllables alone, without layout rules and hints."""
    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True, name_IDs=["*"])
    options.drop_tables += ["vhea", "vmtx", "GDEF", "GPOS", "GSUB", "gasp"]
    font = TTFont(path)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=ks_x_1001() + list(range(0x20, 0x7F)))
    cutter.subset(font)
    return font


def as_cff(font: TTFont, style: str) -> TTFont:
    """The same font with cubic outlines; licence and copyright lines are carried over."""
    glyphs, order, old = font.getGlyphSet(), font.getGlyphOrder(), font["name"]
    charstrings = {}
    for name in order:
        pen = T2CharStringPen(glyphs[name].width, glyphs)
        glyphs[name].draw(DecomposingFilterPen(Qu2CuPen(pen, CURVE_ERROR, all_cubic=True), glyphs))
        charstrings[name] = pen.getCharString()
    made = FontBuilder(font["head"].unitsPerEm, isTTF=False)
    made.setupGlyphOrder(order)
    made.setupCharacterMap(font.getBestCmap())
    made.setupCFF(f"GowunBatang-{style}", {"FullName": f"Gowun Batang {style}"}, charstrings, {})
    made.setupHorizontalMetrics({name: font["hmtx"][name] for name in order})
    ascent, descent = font["hhea"].ascent, font["hhea"].descent
    made.setupHorizontalHeader(ascent=ascent, descent=descent)
    made.setupNameTable(
        {
            "copyright": old.getDebugName(COPYRIGHT),
            "familyName": "Gowun Batang",
            "styleName": style,
            "fullName": f"Gowun Batang {style}",
            "psName": f"GowunBatang-{style}",
            "version": "Version 1.000; KS X 1001 subset",
            "licenseDescription": old.getDebugName(LICENCE) or "SIL Open Font License, Version 1.1",
            "licenseInfoURL": old.getDebugName(LICENCE_URL),
        }
    )
    bold = style == "Bold"
    made.setupOS2(
        usWeightClass=700 if bold else 400,
        fsSelection=0x20 if bold else 0x40,
        sTypoAscender=ascent,
        sTypoDescender=descent,
        usWinAscent=ascent,
        usWinDescent=-descent,
    )
    made.setupHead(unitsPerEm=font["head"].unitsPerEm, created=MADE, modified=MADE, macStyle=int(bold))
    made.setupPost(keepGlyphNames=False)
    return made.font


def main() -> None:
    """Write both weights beside this script."""
    source = Path(sys.argv[1])
    for weight, style in WEIGHTS.items():
        font = as_cff(reduced(source / f"gowun-batang-korean-{weight}-normal.woff2"), style)
        font.recalcTimestamp = False
        cffsubr.subroutinize(font)
        target = HERE / f"GowunBatang-{style}-KSX1001.otf"
        font.save(target)
        print(f"{target.name}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
