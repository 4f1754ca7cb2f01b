"""`papercap add`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from papercap.cli.fetching import all_sources, fetch_options
from papercap.cli.here import whole_number_of_jobs
from papercap.cli.output import exit_of_all, json_option, print_json, visible
from papercap.errors import Exit, PapercapError, Usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from papercap.archive import Archive
    from papercap.cli.here import Here
    from papercap.pipeline import Given
    from papercap.records import Extracted, Missed, Report


@click.command()
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@click.option("--entry", "entries", multiple=True, help="Link to this entry of the README's catalogue.")
@click.option("--tag", "tags", multiple=True, help="Tag the paper, and so all its figures.")
@click.option("--title", help="Title to give the paper.")
@click.option("--pages", help="Only these pages: 3, 2-5 or 1,4-.")
@click.option("--dpi", type=click.IntRange(20, 1200), help="Resolution of the PNG crops.  [default: 200]")
@click.option("--jobs", type=int, help="Papers read at once.  [default: one a processor]")
@click.option("--password", help="Of a locked PDF.")
@click.option("--no-source", is_flag=True, help="Keep the figures, but not the PDF.")
@click.option("--again", is_flag=True, help="Find the figures of archived papers anew; hand work stays.")
@click.option("--url", help="Where a file is from, such as the page that you saved; of one SOURCE alone.")
@click.option("--no-links", is_flag=True, help="Link to no entry but those of --entry.")
@fetch_options
@click.option("--readme", is_flag=True, help="Bring the README's galleries up to date afterwards.")
@click.option("--dry-run", is_flag=True, help="Say what would be captured; write nothing.")
@json_option
@click.pass_obj
def add(
    here: Here,
    sources: tuple[str, ...],
    entries: tuple[str, ...],
    tags: tuple[str, ...],
    title: str | None,
    pages: str | None,
    dpi: int | None,
    jobs: int | None,
    password: str | None,
    no_source: bool,
    again: bool,
    url: str | None,
    no_links: bool,
    lists: tuple[str, ...],
    libraries: tuple[str, ...],
    allow_hosts: tuple[str, ...],
    contact: str | None,
    offline: bool,
    clipboard: bool,
    witness: str,
    readme: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Capture the figures of papers into the archive.

    SOURCE is a PDF, a picture, a page of HTML or Markdown, a folder of PDFs, a pattern such as
    'papers/*.pdf', an arXiv id, a DOI, a repository, or the web address of any of them. What is archived
    already is left as it is; --tag and --entry are added to it. What its address or title shows to be of an
    entry of the README is linked to that; `papercap link --review` asks about the rest.
    """
    from papercap import pipeline
    from papercap.archive import Extras, clean_tag
    from papercap.cli.progress import watching

    sources = all_sources(sources, lists, libraries, clipboard=clipboard)
    if title is not None and len(sources) > 1:
        raise Usage("--title: one title is for one paper; add them one by one")
    given = _from(url, sources)
    request = pipeline.Request(
        extras=Extras(
            title=title,
            tags=tuple(map(clean_tag, tags)),
            entries=here.entries(entries),
            linker=None if no_links else here.linker(),
        ),
        pages=pages,
        dpi=dpi,
        password=password,
        keep_source=not no_source,
        again=again,
        allow_hosts=allow_hosts,
        contact=contact,
        offline=offline,
        with_html=witness == "html",
        given=given,
    )
    count = whole_number_of_jobs(jobs)
    if dry_run:
        with here.archive_if_any() as archive, watching() as watcher:
            reports = pipeline.preview(archive, sources, request, count, watcher)
        _print(reports, as_json, dry_run)
        click.get_current_context().exit(exit_code(reports))
    with here.archive_when_needed() as opened:
        with watching() as watcher:
            reports = pipeline.add(opened, sources, request, count, watcher)
        _print(reports, as_json, dry_run)
        code = exit_code(reports)
        if readme and any(report.error is None for report in reports):
            code = write_readmes(opened(), here, code)
    click.get_current_context().exit(code)


def _from(url: str | None, sources: Sequence[str]) -> dict[str, Given]:
    """What `--url` says of the one source."""
    from papercap.fetch.addresses import read_address
    from papercap.pipeline import Given

    if url is None:
        return {}
    (source, *others) = sources
    if others or "://" in source:
        raise Usage("--url: says where one file is from; an address says so itself")
    read_address(url)
    return {source: Given(url=url)}


def write_readmes(archive: Archive, here: Here, code: Exit) -> Exit:
    """The papers are captured, whatever becomes of the READMEs; their errors are told beside."""
    from papercap.readme import told_of, update_readme

    for path in here.readmes():
        try:
            for line in told_of([update_readme(archive, path, here.look())]):
                click.echo(f"papercap: {visible(line)}", err=True)
        except PapercapError as error:
            click.echo(f"papercap: {visible(error)}", err=True)
            code = error.exit_code if code == Exit.DONE else code
    return code


def exit_code(reports: Sequence[Report] | Sequence[Extracted]) -> Exit:
    """0 all done, 3 some; where all failed their common code, else 1."""
    return exit_of_all((report.error is not None, report.code) for report in reports)


def _print(reports: Sequence[Report], as_json: bool, dry_run: bool) -> None:
    if as_json:
        print_json(reports)
        return
    for report in reports:
        for line in _lines(report, dry_run):
            click.echo(line, err=report.status == "failed")


def _lines(report: Report, dry_run: bool) -> list[str]:
    if report.error is not None:
        return [f"papercap: {visible(report.error)}"]
    counts = Counter(figure.kind for figure in report.figures)
    what = ", ".join(f"{count} {kind}{'s' * (count > 1)}" for kind, count in counts.items()) or "no figures"
    verb = "unchanged: " if report.status == "unchanged" else ""
    written = " (not written)" if dry_run and report.status != "unchanged" else ""
    lines = [f"{report.paper or visible(report.source)}: {verb}{what}{written}"]
    if report.status == "partial":
        done, captions = len(report.figures), sum(bool(missed.label) for missed in report.missed)
        lost = "; ".join(said_of(missed) for missed in report.missed)
        lines.append(f"  {done} of {done + captions}: {lost}" if captions else f"  {lost}")
    lines += [f"  linked to {link.entry}: {visible(link.why)}" for link in report.links]
    if report.proposals:
        lines.append(f"  {report.proposals} links to look at: papercap link --review {report.paper}")
    lines += _to_review(report, dry_run)
    if report.note:
        lines.append(f"  {visible(report.note)}")
    return lines


def _to_review(report: Report, dry_run: bool) -> list[str]:
    """What to look at, and how."""
    from papercap.records import UNSURE

    unsure = [row for row in report.figures if row.confidence is not None and row.confidence < UNSURE]
    if not unsure or report.status == "unchanged":
        return []
    names = ", ".join(row.label or row.id for row in unsure)
    how = "" if dry_run else f": papercap search --unsure --paper {report.paper}"
    return [f"  unsure of {visible(names)}{how}"]


def said_of(missed: Missed) -> str:
    """`Figure 5 on page 4 has no body`; what is missed without a label says itself where it is."""
    where = f" on page {missed.page}" if missed.page else ""
    return visible(f"{missed.label}{where} {missed.why}" if missed.label else missed.why)


COMMANDS = (add,)
