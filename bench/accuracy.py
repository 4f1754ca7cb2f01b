"""Score figures and tables against hand-drawn truth: python bench/accuracy.py

As it stands this is 7-fold cross-validation by paper: each paper is predicted by models that were
trained on the other folds alone. `--shipped` scores the models that papercap ships instead; these have
seen all papers of the bench in training, so that their scores say nothing about other papers.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from annotated import find_papers
from train import (
    _PAPERS,
    DEFAULT_CACHE,
    Mapper,
    fit,
    read_papers,
    use_one_thread,
    with_copies,
    workers,
)

from papercap.detect import find_in_layout
from papercap.detect.trees import Trees, load_all
from papercap.records import Found, Missed

FOLDS = 7
SETS = ("dev", "more")
IOUS = (0.8, 0.9)
COUNTS = ("true", "pred", "tp", "captioned")  # figures and tables, as the scorer names them
DEFAULT_BENCH = Path(__file__).resolve().parents[2] / "shared" / "bench"


def main() -> None:
    """Predict all papers of the bench and score them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bench", type=Path, default=DEFAULT_BENCH, help="folder with dev/ and more/")
    parser.add_argument("--sets", nargs="+", default=SETS, choices=SETS)
    parser.add_argument("--folds", type=int, default=FOLDS)
    parser.add_argument(
        "--shipped", action="store_true", help="score the shipped models (they know these papers)"
    )
    parser.add_argument(
        "--learn", type=int, help="of the papers of the other folds, how many to learn from (default: all)"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="folder for pages once read")
    parser.add_argument("--out", type=Path, help="folder for the predictions (default: a temporary one)")
    parser.add_argument(
        "--also",
        nargs=2,
        type=Path,
        metavar=("PDFS", "TRUTH"),
        help="more papers to train on, never scored: those that made/make.py writes",
    )
    parser.add_argument(
        "--errors", action="store_true", help="list what was missed or is spurious, and by paper"
    )
    options = parser.parse_args()
    folders = [(options.bench / name / "pdfs", options.bench / name / "truth") for name in options.sets]
    if not all(path.is_dir() for pair in folders for path in pair):
        parser.error(f"{options.bench}: no {' and '.join(options.sets)} there; give --bench")
    out = options.out or Path(tempfile.mkdtemp(prefix="papercap-accuracy-"))
    out.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    also = find_papers([tuple(options.also)]) if options.also else []
    papers = read_papers(find_papers(folders), also, options.cache, options.jobs)
    made = [pdf.stem for pdf, _ in also]
    with workers(papers, options.jobs, made) as each:
        if options.shipped:
            print("SHIPPED models: these papers were seen in training, so this is no measure of other papers")
            names = [pdf.stem for pdf, _ in find_papers(folders)]
            _predict(names, load_all(), each, out)
        else:
            print(f"{options.folds}-fold cross-validation by paper over {len(find_papers(folders))} papers")
            _cross_validate(folders, made, options.folds, options.learn, each, out)
    print(f"predictions in {out} after {time.monotonic() - began:.0f} s")
    for overlap in IOUS:
        _score(options.bench, options.sets, out, overlap, options.errors and overlap == IOUS[0])


def _cross_validate(
    folders: Sequence[tuple[Path, Path]],
    also: Sequence[str],
    folds: int,
    learn: int | None,
    each: Mapper,
    out: Path,
) -> None:
    """Predict each fold by models trained on the others; every set is spread over all folds."""
    fold: dict[str, int] = {}
    order = np.random.default_rng(5)
    for pair in folders:
        names = sorted(pdf.stem for pdf, _ in find_papers([pair]))
        order.shuffle(names)
        fold |= {name: (len(fold) + at) % folds for at, name in enumerate(names)}
    jobs = []
    for held in range(folds):
        others = [name for name in fold if fold[name] != held]
        if learn is not None:
            np.random.default_rng(held).shuffle(others)
        own = [name for name in fold if fold[name] == held]
        jobs.append((own, [*with_copies(others[:learn]), *also], out))
    for done, seconds in enumerate(each(_run_fold, jobs), start=1):
        print(f"  fold {done} of {folds}: {seconds:.0f} s", flush=True)


def _run_fold(job: tuple[list[str], list[str], Path]) -> float:
    """Train on some papers, predict others; the seconds it took. One of several processes."""
    own, others, out = job
    began = time.monotonic()
    use_one_thread()
    _predict(own, fit(others, map), map, out)
    return time.monotonic() - began


def _predict(names: Sequence[str], models: dict[str, Trees] | object, each: Mapper, out: Path) -> None:
    for name, prediction in zip(names, each(_predict_paper, [(name, models) for name in names]), strict=True):
        (out / f"{name}.json").write_text(json.dumps(prediction, ensure_ascii=False, indent=1))


def _predict_paper(job: tuple[str, dict[str, Trees]]) -> dict[str, object]:
    """What papercap finds in one paper, in the bench's form."""
    name, models = job
    paper = _PAPERS[name]
    found, missed = find_in_layout(
        paper.layout, paper.starts, paper.inks, paper.lines, models, paper.further_ink()
    )
    return {
        "pdf": f"{name}.pdf",
        "items": [_item(one) for one in found],
        "missed": [_missed(one) for one in missed],
    }


def _item(found: Found) -> dict[str, object]:
    caption = found.caption
    return {
        "kind": caption.kind,
        "label": caption.label,
        "page": found.page,
        "bbox": list(found.box),
        "caption_bbox": list(caption.box) if caption.box and caption.page == found.page else None,
        "caption": caption.text,
        "confidence": found.confidence,
    }


def _missed(missed: Missed) -> dict[str, object]:
    return {"label": missed.label, "page": missed.page, "caption": missed.caption}


def _score(bench: Path, sets: Sequence[str], out: Path, overlap: float, errors: bool) -> None:
    """Let the bench's own scorer judge each set, and put the sets and their groups together."""
    groups: defaultdict[str, Counter[str]] = defaultdict(Counter)
    worst: list[tuple[str, Counter[str]]] = []
    for name in sets:
        with tempfile.NamedTemporaryFile(suffix=".json") as result:
            command = [sys.executable, str(bench / "score.py"), str(bench / name / "truth"), str(out)]
            command += [str(bench / name / "pdfs"), "--iou", str(overlap), "--json", result.name]
            command += ["--errors"] if errors else []
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            rows = json.loads(Path(result.name).read_text())["rows"]
        if errors:
            print(said)
        group_of = _groups(bench / name / "MANIFEST.jsonl")
        for row in rows:
            counts: Counter[str] = Counter()
            for kind in ("figure", "table"):
                counts.update({key: row[kind][key] for key in COUNTS})
            for group in (name, "all", *group_of.get(row["pdf"], ())):
                groups[group].update(counts)
            worst.append((row["pdf"], counts))
    if errors:
        for pdf, counts in sorted(worst, key=lambda one: one[1]["captioned"] - one[1]["true"]):
            if counts["captioned"] < counts["true"] or counts["pred"] > counts["tp"]:
                print(f"  {pdf}: " + ", ".join(f"{key} {counts[key]}" for key in COUNTS))
    for group, counts in groups.items():
        _print_row(group, overlap, counts)


def _groups(manifest: Path) -> dict[str, tuple[str]]:
    """What each paper is, by the name of its file: a scan, or born digital in English, Korean, another."""
    if not manifest.exists():
        return {}
    facts = [json.loads(line) for line in manifest.read_text().splitlines()]
    return {
        one["pdf"]: ("scans",)
        if one["born"].startswith("scan")
        else ({"en": "English", "ko": "Korean"}.get(one["language"], "others"),)
        for one in facts
    }


def _print_row(name: str, overlap: float, counts: Mapping[str, int]) -> None:
    def f1(right: int) -> float:
        return 2 * right / max(1, counts["pred"] + counts["true"])

    true, found, right = counts["true"], counts["pred"], counts["tp"]
    print(
        f"{name:7} IoU {overlap}: true {true:4} found {found:4}"
        f"  box P {right / max(1, found):.3f} R {right / max(1, true):.3f} F1 {f1(right):.3f}"
        f"  captioned F1 {f1(counts['captioned']):.3f}"
    )


if __name__ == "__main__":
    main()
