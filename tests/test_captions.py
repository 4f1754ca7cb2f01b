import re

import pytest

from papercap import wording
from papercap.wording import clean, is_word_alone, join_lines, read_wording


@pytest.mark.parametrize(
    ("text", "kind", "label"),
    [
        ("Figure 3: Overview of the model.", "figure", "Figure 3"),
        ("Fig. 1 | Decision criteria", "figure", "Fig. 1"),
        ("FIGURE S2. More of it", "figure", "FIGURE S2"),
        ("Supplementary Figure 4 Raw data", "figure", "Figure 4"),
        ("Table II", "table", "Table II"),
        ("TABLE In1", "table", "TABLE In1"),
        ("TABLE 2.1 – Sizes", "table", "TABLE 2.1"),
        ("Table A.3: Settings", "table", "Table A.3"),
        ("Table A 1: Settings", "table", "Table A 1"),
        ("Fig. S 4. More", "figure", "Fig. S 4"),
        ("Algorithm 1 Sort", "algorithm", "Algorithm 1"),
        ("Abbildung 7: Ablauf", "figure", "Abbildung 7"),
        ("Tabelle 2: Werte", "table", "Tabelle 2"),
        ("Tableau 5: Résultat global", "table", "Tableau 5"),
        ("Figura 1: Distribuição", "figure", "Figura 1"),
        ("Cuadro 3. Valores", "table", "Cuadro 3"),
        ("Рисунок 1 Строение глаза", "figure", "Рисунок 1"),
        ("Рис. 2. Схема", "figure", "Рис. 2"),
        ("Таблица 4. Величины", "table", "Таблица 4"),
        ("Rysunek 1: Jakość", "figure", "Rysunek 1"),
        ("Tabela 1: Średnie", "table", "Tabela 1"),
        ("Şekil 2. Yapı", "figure", "Şekil 2"),
        ("Tablo 1. Sonuçlar", "table", "Tablo 1"),
        ("Gambar 1. Model Penelitian", "figure", "Gambar 1"),
        ("Hình 2: Các bước", "figure", "Hình 2"),
        ("Bảng 1: Kết quả", "table", "Bảng 1"),
        ("(그림 2) 확률적 경사 하강법", "figure", "그림 2"),
        ("[표 3.1] 실험 결과", "table", "표 3.1"),
        ("＜그림 1＞ 구조", "figure", "그림 1"),
        ("▲ <사진 1> 전경", "figure", "사진 1"),
        ("図2.1: システムモデル", "figure", "図2.1"),
        ("表1 言語サービス", "table", "表1"),
        ("圖 1.1: 全球無人機", "figure", "圖 1.1"),
        ("图３ 区块结构", "figure", "图3"),
        ("コード1 ルール", "algorithm", "コード1"),
        ("شکل ۱: نمودار", "figure", "شکل ۱"),
        ("جدول 2: النتائج", "table", "جدول 2"),
        ("Figure: a picture without a number", "figure", "Figure"),
        ("FIGURE An ORTEP drawing", "figure", "FIGURE"),
        ('Fig. l(a). A "Navigational" Database.', "figure", "Fig. l"),
    ],
)
def test_a_caption_is_read_in_its_language(text: str, kind: str, label: str) -> None:
    said = read_wording(text)
    assert said is not None
    assert (said.kind, said.label) == (kind, label)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "[",
        "Figure",
        "Table",
        "표",
        "Table Comparison of all",
        "TABLE OF CONTENTS",
        "Quadro FX 580 is a graphics card",
        "Tables and figures",
        "We see Figure 3",
        "3",
    ],
)
def test_other_text_is_not_worded_like_a_caption(text: str) -> None:
    assert read_wording(text) is None


def test_a_sentence_about_a_figure_is_left_for_the_model_to_refuse() -> None:
    said = read_wording("Figure 3 shows the results of")
    assert said is not None
    assert said.rest == " shows the results of"


def test_no_pattern_matches_the_empty_text() -> None:
    patterns = [value for value in vars(wording).values() if isinstance(value, re.Pattern)]
    assert not [pattern.pattern for pattern in patterns if pattern.match("")]


def test_a_bracket_before_the_word_is_counted_and_not_kept() -> None:
    said = read_wording("[그림 12] 구조")
    assert said is not None
    assert (said.start, said.word, said.number, said.rest) == (1, "그림", "12", "] 구조")


def test_a_word_torn_from_its_number_is_known() -> None:
    assert is_word_alone("Table")
    assert is_word_alone("Fig.")
    assert not is_word_alone("Table 1")
    assert not is_word_alone("")


def test_text_is_cleaned_of_what_cannot_be_printed() -> None:
    assert clean("eﬃcient\x00 \ue001 ﬁgure\u200b\u00ad  of\t it") == "efficient figure of it"


def test_words_are_put_together_at_line_ends() -> None:
    assert join_lines(["We exam-", "ine x-", "Ray", "images"]) == "We examine x- Ray images"


def test_lines_of_chinese_and_japanese_are_joined_without_a_blank() -> None:
    assert join_lines(["図1 サービス", "の例", "Fig. 1"]) == "図1 サービスの例 Fig. 1"


def test_lines_of_korean_are_joined_with_a_blank() -> None:
    assert join_lines(["그림 1 모델의", "구조"]) == "그림 1 모델의 구조"
