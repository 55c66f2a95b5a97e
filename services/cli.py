"""The `susa` command.

What one command alone needs is imported by it: a process that serves offices starts without the
other services and the year, in half the time.
"""

import asyncio
import gc
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from services import commands, installation
from services.errors import CommandError
from services.installation import NotRunningError
from services.year.errors import ApiError
from shared.auth import SERVICES
from shared.database import StaleDatabaseError
from shared.embedded import EmbeddedError
from shared.errors import Problem

app = typer.Typer(
    name="susa",
    help="A province's post behind one gateway.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
partner = typer.Typer(help="Accounts of partners and staff.", no_args_is_help=True)
staff = typer.Typer(help="People who work here.", no_args_is_help=True)
audit = typer.Typer(help="Recounts that can fail.", no_args_is_help=True)
app.add_typer(partner, name="partner")
app.add_typer(staff, name="staff")
app.add_typer(audit, name="audit")
keys = typer.Typer(help="The services' internal keys.", no_args_is_help=True)
app.add_typer(keys, name="keys")

console = Console(stderr=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, for scripts.")]
Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(envvar="SUSA_PORT", min=1, max=65535, help="Port to listen on.")]


def _say(data: dict[str, Any], *, as_json: bool, text: str) -> None:
    typer.echo(json.dumps(data, ensure_ascii=False, default=str) if as_json else text)


@app.command()
def up(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    web: Annotated[int, typer.Option(min=1, max=64, help="Web processes.")] = 2,
    demo: Annotated[
        bool, typer.Option("--demo", help="Seed the province and load the year, once.")
    ] = False,
    scale: Annotated[int, typer.Option(min=1, help="The year at 1:SCALE, with --demo.")] = 2000,
) -> None:
    """Run everything on this machine: PostgreSQL, the services, the worker."""
    commands.up(console, commands.Up(host, port, web, scale if demo else None))


@app.command()
def db() -> None:
    """Supervise the embedded PostgreSQL alone."""
    commands.db(console)


@app.command()
def serve(
    service: Annotated[str, typer.Argument(help=f"{', '.join(SERVICES)} or all")],
    host: Host = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="Default: 8000 to 8003 by service.")] = None,
    fd: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Serve one service (or all in this process)."""
    commands.serve(service, host, port, fd)


@app.command()
def work(service: Annotated[str, typer.Argument(help=f"{', '.join(SERVICES)} or all")]) -> None:
    """Run the background jobs of one service (or of all): relay, consumers, timers."""
    commands.work(service)


@app.command()
def migrate(
    service: Annotated[list[str] | None, typer.Argument(help="Default: all.")] = None,
    as_json: AsJson = False,
) -> None:
    """Create databases and roles that are missing and bring their schemas up to date."""
    place = installation.home()
    chosen = tuple(service or SERVICES)
    commands.check_services(chosen)
    done: list[str] = []
    with _progress() as progress, commands.database_for(place) as admin:
        task = progress.add_task("migrating", total=len(chosen))
        for name in installation.migrate(place, chosen, admin):
            done.append(name)
            progress.update(task, advance=1, description=f"migrated {name}")
    _say({"migrated": done}, as_json=as_json, text=f"up to date: {', '.join(done)}")


@app.command()
def seed(
    world: Annotated[str, typer.Option(help="live or test")] = "live", as_json: AsJson = False
) -> None:
    """Put Khuzestan's towns, offices and example catalogue in; what is there stays."""
    from services import demo

    chosen = commands.check_world(world)
    installation.adopt_environment(installation.home())
    with _progress() as progress:
        progress.add_task("seeding the province", total=None)
        result = asyncio.run(demo.seed(chosen))
    text = ", ".join(f"{count} {what}" for what, count in result.items())
    _say(result, as_json=as_json, text=text)


@app.command()
def year(
    first: Annotated[str, typer.Option("--from", help="First Jalali month.")] = "1396-01",
    last: Annotated[str, typer.Option("--to", help="Last Jalali month.")] = "1398-06",
    scale: Annotated[int, typer.Option(min=1, help="One item stands for so many.")] = 2000,
    seed_number: Annotated[int, typer.Option("--seed", help="Another seed, another year.")] = 1,
    url: Annotated[str, typer.Option(envvar="SUSA_URL", help="The gateway.")] = "",
    as_json: AsJson = False,
) -> None:
    """Send a synthetic year through the public API, then compare the report with what is known."""
    from services import demo

    installation.adopt_environment(installation.home())
    options = demo.year_options((first, last), scale, seed_number, quiet=as_json)
    summary = asyncio.run(demo.year(url or commands.base_url(), options))
    if as_json:
        typer.echo(summary.as_json())
    else:
        summary.show(Console())


@app.command()
def openapi(
    to: Annotated[
        Path | None,
        typer.Option(
            help="Bring this file up to date: services/gateway/documentation/openapi.json"
        ),
    ] = None,
    breaking: Annotated[
        bool, typer.Option("--breaking", help="Also where that breaks who uses the API.")
    ] = False,
) -> None:
    """Print the OpenAPI document of all services, or write it where it breaks nobody."""
    from services import openapi as whole

    if to is None:
        typer.echo(whole.rendered(whole.document()), nl=False)
        return
    done = whole.write(to, breaking=breaking)
    _say(done, as_json=False, text=f"{done['path']}: {done['operations']} operations")


@partner.command("create")
def partner_create(
    kind: Annotated[str, typer.Option(help="bank, shop, integrator, app or staff")],
    name: Annotated[str, typer.Option(help="What it is called.")],
    scopes: Annotated[
        str, typer.Option(help="Comma-separated; /docs lists them, under Authorize.")
    ],
    world: Annotated[str, typer.Option(help="live or test")] = "live",
    as_json: AsJson = False,
) -> None:
    """Open an account and give it its first key, which is shown this once."""
    from services import accounts

    installation.adopt_environment(installation.home())
    account = asyncio.run(accounts.create(kind, name, scopes.split(","), world))
    text = f"account {account.id}\nkey     {account.key}"
    typer.echo(accounts.as_json(account) if as_json else text)


@keys.command("rotate")
def keys_rotate(
    service: Annotated[list[str] | None, typer.Argument(help="Default: all.")] = None,
    now: Annotated[
        bool, typer.Option("--now", help="The old keys end within seconds: one was stolen.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Sign with new keys; the old ones verify for as long as a token lives. Nothing restarts."""
    from services import rotation

    chosen = tuple(service or SERVICES)
    commands.check_services(chosen)
    with _progress() as progress:
        progress.add_task("telling every process of the new keys", total=None)
        done = rotation.rotate(installation.home().keys, chosen, at_once=now)
    text = "\n".join(f"{name} signs as {kid}" for name, kid in done["keys"].items())
    until = (
        "the old keys verify for {overlap_s:.0f} s, those of tokens for {tokens_overlap_s:.0f} s"
    )
    _say(done, as_json=as_json, text=f"{text}\n{until.format(**done)}")


@app.command()
def backup(
    to: Annotated[Path | None, typer.Option(help="Folder; default: SUSA_BACKUPS.")] = None,
    keep: Annotated[int | None, typer.Option(min=1, help="Delete all but so many bases.")] = None,
    as_json: AsJson = False,
) -> None:
    """Take a base backup of the running embedded PostgreSQL, keys and passwords with it."""
    from services import backups

    with _progress() as progress:
        progress.add_task("copying the databases", total=None)
        done = backups.take(installation.home(), backups.folder_of(to), keep)
    note = "" if done["archiving"] else "\nSUSA_BACKUPS is not set: no way to times after this one"
    _say(done, as_json=as_json, text=f"{done['base']}{note}")


@app.command()
def restore(
    source: Annotated[Path | None, typer.Option("--from", help="Default: SUSA_BACKUPS.")] = None,
    until: Annotated[
        str | None, typer.Option("--at", help="RFC 3339; default: as late as the archive goes.")
    ] = None,
    only: Annotated[str | None, typer.Option(help="One service; the others stay as they are.")] = (
        None
    ),
    as_json: AsJson = False,
) -> None:
    """Go back to a point in time; what was there is kept. All of it: with Susa stopped."""
    from services import backups

    if only is not None:
        commands.check_services([only])
    asked = backups.Asked(backups.folder_of(source), commands.instant(until), only)
    with _progress() as progress:
        progress.add_task("restoring", total=None)
        done = asyncio.run(backups.restore(installation.home(), asked))
    _say(done, as_json=as_json, text="\n".join(f"{name}: {value}" for name, value in done.items()))


@app.command()
def restored(
    service: Annotated[list[str], typer.Argument(help="Whose databases were put back.")],
    as_json: AsJson = False,
) -> None:
    """Say that databases were restored by other means, so that consumers notice."""
    from services import backups

    commands.check_services(service)
    done = asyncio.run(backups.mark_restored(installation.home(), service))
    _say(done, as_json=as_json, text=", ".join(done))


@app.command()
def resync(
    consumer: Annotated[str, typer.Argument(help="As the log names it: gateway.webhooks")],
    world: Annotated[str, typer.Option(help="live or test")] = "live",
    start: Annotated[
        bool, typer.Option("--from-start", help="Read again all that the feed has.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Let a consumer go on that stopped because its producer was restored."""
    from services import resync as resyncing

    installation.adopt_environment(installation.home())
    found = asyncio.run(resyncing.resync(consumer, commands.check_world(world), start=start))
    text = "{consumer} goes on after {position}, was at {before}; gone from the feed: {gone}"
    _say(found, as_json=as_json, text=text.format(**found))


@app.command()
def psql(
    service: Annotated[str, typer.Argument(help=", ".join(SERVICES))],
    words: Annotated[list[str] | None, typer.Argument(help="For psql, after --.")] = None,
    world: Annotated[str, typer.Option(help="live or test")] = "live",
) -> None:
    """Ask a service's database in SQL, as the service's own role."""
    commands.psql(service, world, words or [])


@staff.command("create")
def staff_create(
    login: Annotated[
        str, typer.Option(help="The name to sign in with: a letter, then a-z, 0-9, dots, _, -.")
    ],
    name: Annotated[str, typer.Option(help="Who it is.")],
    role: Annotated[str, typer.Option(help="administrator, or another of `GET /v1/roles`")],
    office: Annotated[str | None, typer.Option(help="Code of the office, for some.")] = None,
    partner: Annotated[str | None, typer.Option(help="Account that a partner is of.")] = None,
    as_json: AsJson = False,
) -> None:
    """Open an account of staff; the code that is shown sets its password, or enrols its device."""
    from services import accounts

    installation.adopt_environment(installation.home())
    made = asyncio.run(accounts.create_staff(login, name, role, office, partner))
    text = (
        f"account {made['id']}\ncode    {made['code']} (until {made['expires_at']})\n"
        f"begins at {made['page']}"
    )
    _say(made, as_json=as_json, text=text)


@audit.command("chain")
def audit_chain(as_json: AsJson = False) -> None:
    """Walk every chain of what was done; exit 1 where an entry was tampered with or is missing."""
    _audited("chain", as_json=as_json)


@audit.command("custody")
def audit_custody(as_json: AsJson = False) -> None:
    """Recount every item's custodian from its events; exit 1 where a row differs."""
    _audited("custody", as_json=as_json)


@audit.command("statistics")
def audit_statistics(as_json: AsJson = False) -> None:
    """Recount volumes and tasks while no scans come in; exit 1 where a roll-up differs."""
    _audited("statistics", as_json=as_json)


@audit.command("compensation")
def audit_compensation(as_json: AsJson = False) -> None:
    """Every rial of claims: payouts, ledger and payment orders against each other."""
    _audited("compensation", as_json=as_json)


@audit.command("cod")
def audit_cod(as_json: AsJson = False) -> None:
    """Find every rial of cash on delivery in one place; exits 1 where it is not."""
    _audited("cod", as_json=as_json)


@audit.command("ledger")
def audit_ledger(as_json: AsJson = False) -> None:
    """Recount charges, balances, commissions while nothing comes in; exit 1 where one differs."""
    _audited("ledger", as_json=as_json)


@audit.command("promises")
def audit_promises(as_json: AsJson = False) -> None:
    """Check what is noted of promises while no scans come in; exit 1 where an item differs."""
    _audited("promises", as_json=as_json)


def _audited(what: str, *, as_json: bool) -> None:
    from services import audits

    installation.adopt_environment(installation.home())
    with _progress() as progress:
        progress.add_task(f"recounting {what}", total=None)
        found = asyncio.run(audits.recount(what))
    counts = {k: v for k, v in found.items() if k != "wrong"}
    text = ", ".join(f"{name} {value}" for name, value in counts.items())
    _say(found, as_json=as_json, text=text)
    if not found["clean"]:
        for row in found["wrong"]:
            console.print(row)
        raise typer.Exit(1)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Say what is wrong with this installation and how to mend it; exit 1 where something is."""
    from services import checks

    findings = asyncio.run(checks.doctor(installation.home()))
    if as_json:
        typer.echo(json.dumps({"findings": findings}, ensure_ascii=False))
    else:
        for finding in findings:
            mark = "[green]ok[/]" if finding["ok"] else "[red]wrong[/]"
            hint = f"\n      {finding['hint']}" if not finding["ok"] and finding["hint"] else ""
            console.print(f"{mark:>5} {finding['code']}: {finding['message']}{hint}")
    if not all(finding["ok"] for finding in findings):
        raise typer.Exit(1)


def _progress() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True)


def main() -> None:
    # measured: looking for cycles, of which there are few, took an eighth of a worker's time
    gc.set_threshold(20_000, 20, 20)
    try:
        app(prog_name="susa")
    except (
        NotRunningError,
        StaleDatabaseError,
        EmbeddedError,
        ApiError,
        CommandError,
        Problem,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        OSError,
    ) as error:
        console.print(f"[red]susa:[/] {error}", highlight=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
