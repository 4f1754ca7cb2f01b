"""Figures that are set in the letters of the text: programs, pseudo-code, rules of inference, grammars."""

from dataclasses import dataclass
from random import Random

from typst_code import Code, Value, call, points

_VARIABLES = ("x", "y", "n", "k", "xs", "acc", "node", "env", "best", "queue", "left", "result", "next")
_FUNCTIONS = ("lookup", "update", "merge", "split", "push", "size", "fresh", "eval", "visit", "cost")
_NAMES = ("Solve", "Refine", "Search", "Collect", "Rewrite", "Sweep")
_SYMBOLIC_RULES = ("Var", "Abs", "App", "Let", "If-True", "If-False", "Sub", "Pair", "Seq", "Step", "Weak")


@dataclass(frozen=True)
class Dialect:
    """How a language of programs words things; markup of typst with slots."""

    heads: tuple[str, ...]
    blocks: tuple[tuple[str, str], ...]  # how one opens and closes; it closes with nothing if ""
    steps: tuple[str, ...]
    last: tuple[str, ...]


_PSEUDO = Dialect(
    heads=("*procedure* {F}({v}, {w})", "*function* {F}({v})", "*Input:* {v}, {w}; *output:* {u}"),
    blocks=(
        ("*for each* {v} ∈ {w} *do*", "*end for*"),
        ("*while* {v} ≠ ∅ *do*", "*end while*"),
        ("*if* {f}({v}) ≤ {w} *then*", "*end if*"),
        ("*repeat*", "*until* {v} = {w}"),
    ),
    steps=("{v} ← {e}", "{v} ← {e}", "{v} ← {v} ∪ {{{w}}}", "{f}({v}, {w})", "remove {v} from {w}"),
    last=("*return* {v}", "*return* {f}({v})"),
)
_BRACES = Dialect(
    heads=("*int* {f}(*int* {v}, *int* {w}) {{", "*class* {F} *extends* Object {{", "*void* {f}() {{"),
    blocks=(
        ("*if* ({v} < {n}) {{", "}}"),
        ("*for* (*int* {v} = 0; {v} < {n}; {v}++) {{", "}}"),
        ("*while* ({f}({v})) {{", "}}"),
        ("*synchronized* ({v}) {{", "}}"),
    ),
    steps=("{v} = {e};", "*int* {v} = {e};", "{v}.{f}({w});", "{f}({v}, {n});", "{v}.{u} = *new* {F}();"),
    last=("*return* {v};", "}}"),
)
_FUNCTIONAL = Dialect(
    heads=(
        "*let rec* {f} {v} {w} =",
        "*fun* {f} ({v} : {u}) : int =",
        "{f} :: \\[{F}\\] → {F}",
        "*type* {u} =",
    ),
    blocks=(
        ("*match* {v} *with*", ""),
        ("*let* {v} = *fun* {w} →", "*in*"),
        ("*if* {f} {v} *then*", ""),
        ("*case* {v} *of*", "*end*"),
    ),
    steps=("*let* {v} = {e} *in*", "| {F} ({v}, {w}) → {f} {v}", "| {F} {v} → {e}", "{f} {v} ({f} {w} {n})"),
    last=("| \\_ → {v}", "{f} {v} {w}"),
)

# Judgements as typst's mathematics; a comma or a colon would part the arguments of a fraction.
_TYPED = (
    "Γ ⊢ e_1 colon τ_1 → τ_2",
    "Γ ⊢ e_2 colon τ_1",
    "Γ comma x colon τ_1 ⊢ e colon τ_2",
    "x colon τ ∈ Γ",
    "Γ ⊢ λ x. e colon τ_1 → τ_2",
    "Γ ⊢ e_1 med e_2 colon τ_2",
    "τ_1 <= τ_2",
    "Γ ⊢ ⟨ e_1 comma e_2 ⟩ colon τ_1 × τ_2",
)
_STEPPED = (
    "⟨ e comma σ ⟩ ⇓ v",
    "⟨ c_1 comma σ ⟩ → ⟨ c'_1 comma σ' ⟩",
    '⟨ bold("skip"); c comma σ ⟩ → ⟨ c comma σ ⟩',
    "σ(x) = v",
    "e_1 ⇓ n_1",
    "e_2 ⇓ n_2",
    "e_1 + e_2 ⇓ n_1 + n_2",
    'bold("if") e bold("then") c_1 bold("else") c_2 ⇓ σ\'',
)
_PRODUCTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("expressions", "e", ("x", "λ x. med e", "e_1 med e_2", '"let" x = e_1 "in" e_2', "⟨ e_1, e_2 ⟩")),
    ("types", "τ", ("α", "τ_1 → τ_2", '"int"', "∀ α. med τ", "τ_1 × τ_2")),
    ("values", "v", ("n", "λ x. med e", "⟨ v_1, v_2 ⟩")),
    ("contexts", "Γ", ("∅", "Γ, x : τ")),
    ("commands", "c", ('"skip"', "x := e", "c_1 ; c_2", '"while" e "do" c', '"if" e "then" c_1 "else" c_2')),
    ("stores", "σ", ("∅", "σ[x ↦ v]")),
)


def formal(rng: Random, width: float) -> Code:
    """A program, rules of inference or a grammar; at most `width` points wide or made to fit."""
    return rng.choices((program, inferences, grammar), weights=(5, 3, 1))[0](rng, width)


def program(rng: Random, width: float) -> Code:
    """Ten to thirty-five lines in a dialect: words of the language bold, variables in italics."""
    dialect = rng.choice((_PSEUDO, _BRACES, _FUNCTIONAL))
    most = rng.randint(10, 35)
    lines: list[Value] = []
    while len(lines) < most:
        if lines and rng.random() < 0.8:
            lines.append((0, ""))
        lines += _unit(rng, dialect, most - len(lines))
    halves = 2 if width > 400 and most > 18 else 1
    return call(
        "program",
        rng.choice((0.85, 0.9, 1.0)),
        rng.choice((0.45, 0.55, 0.65)),
        lines,
        numbered=rng.random() < 0.3,
        halves=halves,
    )


def _unit(rng: Random, dialect: Dialect, room: int) -> list[Value]:
    """One procedure, type or class."""
    lines: list[Value] = [_line(rng, 0, rng.choice(dialect.heads))]
    lines += _inside(rng, dialect, 1, min(room, rng.randint(4, 14)))
    lines.append(_line(rng, 1, dialect.last[0]))
    if dialect is _BRACES:
        lines.append(_line(rng, 0, "}}"))
    return lines


def _inside(rng: Random, dialect: Dialect, depth: int, count: int) -> list[Value]:
    lines: list[Value] = []
    while len(lines) < count:
        if depth < 4 and rng.random() < 0.35:
            opening, closing = rng.choice(dialect.blocks)
            lines.append(_line(rng, depth, opening))
            lines += _inside(rng, dialect, depth + 1, rng.randint(1, 4))
            lines += [_line(rng, depth, closing)] if closing else []
        else:
            lines.append(_line(rng, depth, rng.choice(dialect.steps)))
    return lines


def _line(rng: Random, depth: int, template: str) -> tuple[int, Code]:
    v, w, u = (f"_{name}_" for name in rng.sample(_VARIABLES, 3))
    f, number = rng.choice(_FUNCTIONS), str(rng.randint(0, 64))
    e = rng.choice((w, number, f"{w} + {number}", f"{f}({w}, {u})", f"{w} − {u}", f"{f}({w})"))
    said = template.format(v=v, w=w, u=u, f=f, e=e, n=number, F=rng.choice(_NAMES))
    return depth, Code(f"[{said}]")


def inferences(rng: Random, width: float) -> Code:
    """Four to fourteen rules, or a few proof trees."""
    judgements = rng.choice((_TYPED, _STEPPED))
    trees = rng.random() < 0.25
    named = rng.random() < 0.8
    rules: list[Value] = []
    for _ in range(rng.randint(2, 4) if trees else rng.randint(4, 14)):
        name = rng.choice(("", "T-", "E-")) + rng.choice(_SYMBOLIC_RULES) if named else ""
        premisses = [_fraction(rng, judgements) if trees else rng.choice(judgements)]
        premisses += rng.sample(judgements, rng.randint(0, 1 if width < 300 else 2))
        rules.append((name, Code(f"$ frac({' quad '.join(premisses)}, {rng.choice(judgements)}) $")))
    form = None
    if rng.random() < 0.35:
        form = call("judged", Code(f"${judgements[0]}$"), rng.choice(_NAMES))
    size, gap = rng.choice((0.85, 0.95)), Code(f"{rng.choice((1.6, 2.4, 3.2))}em")
    return call("inferences", size, points(width), rules, form=form, gap=gap)


def _fraction(rng: Random, judgements: tuple[str, ...]) -> str:
    above, below = rng.sample(judgements, 2)
    return f"display(frac({above}, {below}))"


def grammar(rng: Random, width: float) -> Code:
    """Three to six productions, an option a line or all in one."""
    inline = width > 300 or rng.random() < 0.4
    rows: list[Value] = []
    for word, name, options in rng.sample(_PRODUCTIONS, rng.randint(3, len(_PRODUCTIONS))):
        said = [" | ".join(options)] if inline else list(options)
        rows.append((word, Code(f"${name}$"), [Code(f"${one}$") for one in said]))
    return call("grammar", rng.choice((0.9, 1.0)), Code(rng.choice(('"::="', '"::="', '"="'))), rows)
