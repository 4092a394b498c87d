"""When there is a finding, on which day, and what became of it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from usages import DAY, book, bought, decided, entry, seen, standard, unit, withdrawn

from schemas.decision import Decision
from schemas.errors import ConfigurationError
from schemas.finding import Finding
from schemas.names import finding_id
from schemas.topics import DECISIONS
from streams.centre.centre import Centre
from streams.centre.records import frames
from streams.centre.settle import settle

Tell = Callable[..., list[dict[str, Any]]]
SHARE = "service:share"


def days(count: int, last: date = DAY, **more: Any) -> list[dict[str, Any]]:
    return [seen(SHARE, last - timedelta(days=back), **more) for back in range(count)]


def test_a_finding_has_exactly_the_columns_of_finding(told: Tell, centre: Centre) -> None:
    (found,) = told(*days(5))
    basis = centre.basis()
    assert basis is not None
    assert found.pop("catalogue") == basis.catalogue
    assert list(found) == list(Finding.model_fields)
    checked = Finding.model_validate(found)
    assert checked.id == finding_id("im", SHARE)
    assert (checked.status, checked.grade, checked.verdict) == ("new", "use", "unlisted")
    assert [r.code for r in checked.reasons] == ["unlisted_service"]
    assert sum(p.points for p in checked.parts) == checked.urgency
    assert (checked.first_seen, checked.last_seen, checked.addressee) == (DAY - timedelta(days=4), DAY, "im")


def test_contact_is_no_finding(told: Tell) -> None:
    assert told(seen(SHARE, bytes_up=10, features=None, active_days=1)) == []


def test_an_approved_service_is_no_finding(told: Tell) -> None:
    assert told(*days(5), book=book(standard("S-1", "approved", SHARE))) == []


def test_state_standards_give_no_finding_for_a_unit_that_they_do_not_bind(told: Tell) -> None:
    rows = [seen(SHARE, DAY - timedelta(days=n), unit="stadt") for n in range(5)]
    assert told(*rows, book=book(unit("stadt", kind="municipality", bound=False))) == []


def test_a_standard_that_holds_on_the_judging_day_closes(told: Tell) -> None:
    later = standard("S-1", "approved", SHARE, valid_from=DAY + timedelta(days=1))
    assert len(told(*days(5), book=book(later))) == 1
    assert told(seen("service:board", DAY + timedelta(days=1), features=None, bytes_up=1, active_days=1)) == []


def test_a_ban_that_came_after_the_last_use_finds_nothing(told: Tell) -> None:
    ban = standard("S-1", "prohibited", SHARE, valid_from=DAY - timedelta(days=1))
    old = standard("S-0", "approved", SHARE, valid_to=DAY - timedelta(days=2))
    stopped = days(5, last=DAY - timedelta(days=2))
    today = seen("service:board", DAY, features=None, bytes_up=1, active_days=1)
    assert told(*stopped, today, book=book(ban, old)) == []
    (found,) = told(*days(1))
    assert [r["code"] for r in found["reasons"]] == ["prohibited_service"]


def test_a_purchase_is_judged_by_the_law_of_its_day(told: Tell) -> None:
    ban = standard("S-1", "prohibited", SHARE, valid_from=DAY)
    allowed = standard("S-0", "approved", SHARE, valid_to=DAY - timedelta(days=1))
    contract = bought(SHARE, "contract", "C-1", DAY - timedelta(days=200), committed="10")
    other = seen("service:board", DAY, features=None, bytes_up=1, active_days=1)
    assert told(contract, other, book=book(ban, allowed)) == []
    (found,) = told(bought(SHARE, "contract", "C-2", DAY, committed="10"))
    assert (found["verdict"], found["mode"], found["grade"]) == ("prohibited", "own_contract", "reliance")


def test_what_is_not_seen_for_thirty_days_is_no_longer_observed(told: Tell) -> None:
    other = seen("service:board", DAY + timedelta(days=30), features=None, bytes_up=1, active_days=1)
    assert told(*days(5), other)[0]["status"] == "new"
    assert told(day=DAY + timedelta(days=31))[0]["status"] == "no_longer_observed"


def test_withdrawn_observations_end_the_finding_and_do_not_come_back(told: Tell) -> None:
    rows = days(5)
    assert len(told(*rows)) == 1
    assert told(*map(withdrawn, rows)) == []
    assert told(*rows) == []


def test_a_settle_without_news_changes_nothing(told: Tell, centre: Centre) -> None:
    told(*days(5))
    before = centre.store.load([finding_id("im", SHARE)])
    report = settle(centre)
    assert (report.drained, report.judged, report.changed) == (0, 0, 0)
    assert centre.store.load([finding_id("im", SHARE)]).equals(before)
    again = settle(centre, everything=True)
    assert (again.judged, again.changed, again.basis) == (1, 0, report.basis)


def test_a_new_catalogue_judges_again_and_the_number_of_the_basis_stays_out_of_findings(
    told: Tell, centre: Centre
) -> None:
    first = told(*days(5))
    second = told(book=book(entry("service:another")))
    basis = centre.basis()
    assert basis is not None
    assert basis.number == 2
    assert [f | {"catalogue": ""} for f in first] == [f | {"catalogue": ""} for f in second]


def test_a_renamed_subject_names_what_it_was(told: Tell) -> None:
    (found,) = told(*days(5), book=book(entry(SHARE, was=("service:old-share",))))
    assert found["formerly"] == "service:old-share"


@pytest.mark.parametrize("catalogue_first", [True, False])
def test_decisions_go_on_under_the_new_name(told: Tell, centre: Centre, *, catalogue_first: bool) -> None:
    new = [seen("service:new-share#cloud", DAY - timedelta(days=n)) for n in range(5)]
    old = [seen("service:share#cloud", DAY - timedelta(days=n)) for n in range(5)]
    told(*old)
    centre.decide(decided("covered", "service:share#cloud"))
    law = book(entry("service:new-share", was=(SHARE,)))
    steps = [{"book": law}, {}] if catalogue_first else [{}, {"book": law}]
    told(*map(withdrawn, old), *new, **steps[0])
    (found,) = told(**steps[1])
    assert (found["subject"], found["status"], found["formerly"]) == ("service:new-share#cloud", "closed", SHARE)


@pytest.mark.parametrize(
    ("outcome", "due", "judged", "status"),
    [
        ("false_positive", None, 0, "closed"),
        ("covered", None, 0, "closed"),
        ("guest", None, 0, "closed"),
        ("covered", -1, 0, "reopened"),
        ("covered", 0, 2, "closed"),
        ("standardise", None, 0, "decided"),
        ("migrate", 0, 0, "in_progress"),
        ("migrate", 0, 1, "overdue"),
        ("initiative", 30, 0, "in_progress"),
        ("migrate", 90, 40, "closed"),
        ("stop", 3, 0, "in_progress"),
        ("stop", None, 0, "decided"),
        ("stop", 0, 2, "closed"),
        ("stop", -1, 0, "reopened"),
    ],
)
def test_status_after_a_decision(
    told: Tell, centre: Centre, outcome: str, due: int | None, judged: int, status: str
) -> None:
    told(*days(5))
    until = None if due is None else DAY + timedelta(days=due)
    centre.decide(decided(outcome, SHARE, due=until, at=datetime(DAY.year, DAY.month, DAY.day, 9, tzinfo=UTC)))
    (found,) = told(day=DAY + timedelta(days=judged))
    assert (found["status"], found["decision"]) == (status, outcome)


def test_stopped_use_that_is_seen_again_is_open_again(told: Tell, centre: Centre) -> None:
    told(*days(5))
    centre.decide(decided("stop", SHARE, due=DAY + timedelta(days=2)))
    assert told(*days(1, last=DAY + timedelta(days=2)))[0]["status"] == "in_progress"
    assert told(*days(1, last=DAY + timedelta(days=3)))[0]["status"] == "reopened"


def test_the_newest_decision_counts_in_whatever_order_they_are_stored(told: Tell, centre: Centre) -> None:
    told(*days(5))
    newer = decided("false_positive", SHARE, at=datetime(2026, 12, 2, tzinfo=UTC))
    for decision in (newer, decided("migrate", SHARE, at=datetime(2026, 12, 1, tzinfo=UTC))):
        centre.decide(decision)
    assert told()[0]["decision"] == "false_positive"


def test_a_decided_finding_without_reasons_stays_and_is_closed(told: Tell, centre: Centre) -> None:
    told(*days(5))
    centre.decide(decided("standardise", SHARE))
    (found,) = told(book=book(standard("S-1", "approved", SHARE)))
    assert (found["status"], found["reasons"], found["urgency"]) == ("closed", [], 0)


def test_a_decision_needs_a_finding(centre: Centre) -> None:
    with pytest.raises(ConfigurationError, match="no finding"):
        centre.decide(decided("stop", SHARE))


def test_a_decision_is_applied_by_a_centre_that_only_reads_the_topic(told: Tell, centre: Centre) -> None:
    told(*days(5))
    made: Decision = decided("covered", SHARE)
    centre.bus.publish(DECISIONS, frames("decision", made.id, made.model_dump_json()))
    assert told()[0]["status"] == "closed"
