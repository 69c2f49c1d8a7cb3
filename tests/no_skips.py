"""pytest plugin: no test is left out in silence.

A test that is skipped or expected to fail counts as failed. The long sweeps are left out unless
SWEEPS=1 (`./test --all`), and the summary says how many.
"""

import os
from collections.abc import Generator
from typing import Any

import pytest

SWEEPS = os.environ.get("SWEEPS") == "1"
LEFT_OUT = pytest.StashKey[int]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip, an expected failure and an unexpected success into a failure."""
    report = yield
    if report.skipped or hasattr(report, "wasxfail"):
        reason = getattr(report, "wasxfail", "") or _reason(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid}: skips and expected failures are not allowed ({reason})"
        vars(report).pop("wasxfail", None)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A whole module that skips itself fails as well."""
    report = yield
    if report.skipped:
        reason = _reason(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid}: skipping a module is not allowed ({reason})"
    return report


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the sweeps out, unless asked for."""
    sweeps = [item for item in items if item.get_closest_marker("sweep") and not SWEEPS]
    config.stash[LEFT_OUT] = len(sweeps)
    if sweeps:
        items[:] = [item for item in items if item not in sweeps]
        config.hook.pytest_deselected(items=sweeps)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of pytest-xdist tells the main process what it left out."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["sweeps_left_out"] = session.config.stash.get(LEFT_OUT, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """The main process of pytest-xdist hears from a worker; all of them count the same tests."""
    left_out = getattr(node, "workeroutput", {}).get("sweeps_left_out", 0)
    node.config.stash[LEFT_OUT] = max(left_out, node.config.stash.get(LEFT_OUT, 0))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what was left out."""
    if left_out := config.stash.get(LEFT_OUT, 0):
        terminalreporter.write_line(f"{left_out} long sweeps left out; ./test --all runs them")


def _reason(longrepr: Any) -> str:
    return str(longrepr[2] if isinstance(longrepr, tuple) else longrepr or "no reason given")
