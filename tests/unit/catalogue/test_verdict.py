"""What the catalogue says of a use on a day: the most specific standard, exceptions, and what is offered instead."""

from datetime import date
from typing import Any

import polars as pl

from catalogue.snapshot import Snapshot
from catalogue.verdict import VERDICTS, verdicts
from schemas.entries import DirectoryEntry, Initiative, Standard
from schemas.record import Record
from schemas.unit import Unit

DAY = date(2026, 11, 20)
TEXT = {"de": "Satz.", "en": "Sentence."}


def entry(subject: str, function: str = "meetings", *editions: str, **fields: Any) -> DirectoryEntry:
    return DirectoryEntry.model_validate(
        {"subject": subject, "kind": "service", "name": TEXT, "function": function}
        | {"editions": [{"edition": name} for name in editions]}
        | fields
    )


def standard(name: str, verdict: str, *subjects: str, **fields: Any) -> Standard:
    plain = {"title": TEXT, "dimension": "governance", "enacted_by": "land", "force": "binding", "source": "decree"}
    return Standard.model_validate(
        {"id": name, "verdict": verdict, "subjects": subjects, "valid_from": "2020-01-01"} | plain | fields
    )


def initiative(subject: str, *units: str, **fields: Any) -> Initiative:
    return Initiative.model_validate(
        {"id": "trial", "units": units, "subject": subject, "owner_role": "head of IT", "purpose": TEXT}
        | {"valid_from": "2026-01-01", "valid_to": "2026-12-31"}
        | fields
    )


def unit(code: str, path: str, *, bound: bool = True) -> Unit:
    return Unit.model_validate({"code": code, "path": path, "name": TEXT, "kind": "authority", "bound": bound})


UNITS = [unit("um", "um"), unit("lfg", "um/lfg"), unit("im", "im"), unit("stadt", "stadt", bound=False)]


def say(records: list[Record], subject: str, code: str = "um", day: date = DAY) -> dict[str, Any]:
    frame = pl.DataFrame({"unit": [code], "subject": [subject], "mode": ["unknown"]})
    return verdicts(frame, Snapshot.of([*UNITS, *records]), day).row(0, named=True)


def verdict(records: list[Record], subject: str, code: str = "um", day: date = DAY) -> str:
    return str(say(records, subject, code, day)["verdict"])


ZOOM = entry("service:zoom", "meetings", "cloud", "tenant-land", provider={"name": "Zoom", "seat": "US"})
VIDEO = entry("service:bw-video")


def test_nothing_said_is_unlisted_and_reads_only_the_entry() -> None:
    snapshot = Snapshot.of([ZOOM])
    assert say([ZOOM], "service:zoom#cloud") == {
        "verdict": "unlisted",
        "entries": [snapshot.entry_hash(ZOOM)],
        "standard": None,
        "successor": None,
        "initiative": None,
        "alternative": None,
    }
    assert say([ZOOM], "domain:example.org")["entries"] == []


def test_edition_before_subject_before_function() -> None:
    function = standard("all-meetings", "tolerated", functions=["meetings"])
    base = standard("zoom", "phase_out", "service:zoom")
    cloud = standard("zoom-cloud", "prohibited", "service:zoom#cloud")
    records = [ZOOM, VIDEO, function, base, cloud]
    assert verdict(records, "service:bw-video") == "tolerated"
    assert verdict(records, "service:zoom#tenant-land") == "phase_out"
    assert verdict(records, "service:zoom#cloud") == "prohibited"
    assert say(records, "service:zoom#cloud")["standard"] == "zoom-cloud"
    assert verdict([ZOOM, standard("z", "prohibited", "service:zoom", editions=["cloud"])], "service:zoom#cloud") == (
        "prohibited"
    )


def test_an_unknown_edition_is_unclear_only_where_editions_differ() -> None:
    base = standard("zoom", "prohibited", "service:zoom")
    tenant = standard("zoom-tenant", "approved", "service:zoom#tenant-land")
    assert verdict([ZOOM, base], "service:zoom") == "prohibited"
    assert verdict([ZOOM, base, tenant], "service:zoom") == "unclear"
    assert verdict([ZOOM, base, tenant], "service:zoom#cloud") == "prohibited"
    assert verdict([ZOOM, base, tenant], "service:zoom#tenant-land") == "approved"
    assert verdict([ZOOM, tenant], "service:zoom") == "unclear"
    same = standard("zoom-tenant-too", "prohibited", "service:zoom#tenant-land")
    found = say([ZOOM, base, same], "service:zoom")
    assert (found["verdict"], found["standard"]) == ("prohibited", "zoom")
    assert len(found["entries"]) == 3


def test_a_narrower_unit_before_a_wider_then_binding_then_later_then_stricter() -> None:
    land = standard("land", "tolerated", "service:zoom")
    um = standard("um", "prohibited", "service:zoom", units=["um"], enacted_by="um")
    lfg = standard("lfg", "phase_out", "service:zoom", units=["lfg"], enacted_by="lfg", force="recommended")
    records = [ZOOM, land, um, lfg]
    assert [verdict(records, "service:zoom", code) for code in ("im", "um", "lfg", "um/other", "umx")] == [
        "tolerated",
        "prohibited",
        "phase_out",
        "prohibited",
        "tolerated",
    ]
    advice = standard("advice", "approved", "service:zoom", force="recommended", valid_from="2026-01-01")
    assert verdict([ZOOM, land, advice], "service:zoom") == "tolerated"
    later = standard("later", "phase_out", "service:zoom", valid_from="2026-01-01")
    assert verdict([ZOOM, standard("zz", "prohibited", "service:zoom"), later], "service:zoom") == "phase_out"
    assert verdict([ZOOM, land, standard("a", "prohibited", "service:zoom")], "service:zoom") == "prohibited"


def test_a_standard_holds_from_its_first_to_its_last_day() -> None:
    dated = standard("d", "prohibited", "service:zoom", valid_from="2026-11-20", valid_to="2026-11-21")
    found = [verdict([ZOOM, dated], "service:zoom", day=date(2026, 11, day)) for day in (19, 20, 21, 22)]
    assert found == ["unlisted", "prohibited", "prohibited", "unlisted"]


def test_binding_standards_of_the_state_do_not_judge_units_that_are_not_bound() -> None:
    land = standard("land", "prohibited", "service:zoom")
    own = standard("own", "prohibited", "service:zoom", units=["stadt"], enacted_by="stadt")
    advice = standard("advice", "tolerated", "service:zoom", force="recommended")
    assert verdict([ZOOM, land], "service:zoom", "stadt") == "unlisted"
    assert verdict([ZOOM, land, own], "service:zoom", "stadt") == "prohibited"
    assert verdict([ZOOM, land, advice], "service:zoom", "stadt") == "tolerated"


def test_jurisdictions_are_the_contract_partys_seat() -> None:
    ban = standard("ban", "prohibited", functions=["meetings"], jurisdictions=["CN", "US"])
    assert verdict([ZOOM, ban], "service:zoom") == "prohibited"
    assert verdict([VIDEO, ban], "service:bw-video") == "unlisted"
    german = entry("service:z", "meetings", provider={"name": "Z", "seat": "DE", "parent": "Q", "parent_seat": "US"})
    assert verdict([german, ban], "service:z") == "unlisted"
    moved = ZOOM.model_copy(
        update={"editions": (ZOOM.editions[0].model_copy(update={"provider": german.provider}), ZOOM.editions[1])}
    )
    assert verdict([moved, ban], "service:zoom#cloud") == "unlisted"
    assert verdict([moved, ban], "service:zoom") == "unclear"


def test_a_limited_version_is_unclear_where_it_would_decide() -> None:
    office = entry("software:x/office", "office_suite")
    old = standard("old", "phase_out", "software:x/office", versions="vers:generic/<24")
    assert verdict([office, old], "software:x/office") == "unclear"
    assert verdict([office, old, standard("all", "phase_out", "software:x/office")], "software:x/office") == "phase_out"


def test_an_initiative_of_the_unit_registers_unless_a_law_forbids() -> None:
    ban = standard("ban", "prohibited", "service:zoom")
    law = standard("law", "prohibited", "service:zoom", legal_basis="dsgvo")
    trial = initiative("service:zoom", "um")
    found = say([ZOOM, ban, trial], "service:zoom", "lfg")
    assert (found["verdict"], found["initiative"]) == ("registered", "trial")
    snapshot = Snapshot.of([ZOOM, ban, trial])
    assert found["entries"] == [snapshot.entry_hash(record) for record in (ZOOM, ban, trial)]
    assert verdict([ZOOM, ban, trial], "service:zoom", "im") == "prohibited"
    assert verdict([ZOOM, ban, trial], "service:zoom", day=date(2027, 1, 1)) == "prohibited"
    forbidden = say([ZOOM, law, trial], "service:zoom")
    assert (forbidden["verdict"], forbidden["initiative"]) == ("prohibited", None)
    assert verdict([ZOOM, law, ban, trial], "service:zoom") == "prohibited"
    assert verdict([ZOOM, initiative("service:zoom#cloud", "um")], "service:zoom") == "unclear"
    assert verdict([ZOOM, initiative("service:zoom#cloud", "um")], "service:zoom#cloud") == "registered"
    assert verdict([initiative("domain:example.org", "um")], "domain:example.org") == "registered"


def test_an_offer_counts_when_it_has_begun_and_for_whom_it_is_open() -> None:
    soon = standard("soon", "approved", "service:bw-video", offered_from="2026-12-01")
    assert verdict([VIDEO, soon], "service:bw-video") == "unlisted"
    assert verdict([VIDEO, soon], "service:bw-video", day=date(2026, 12, 1)) == "approved"
    some = standard("some", "approved", "service:bw-video", open_to=["um"])
    assert [verdict([VIDEO, some], "service:bw-video", code) for code in ("um", "lfg", "im")] == [
        "approved",
        "approved",
        "unlisted",
    ]


def test_the_alternative_is_the_first_that_is_offered_to_the_unit() -> None:
    ban = standard("ban", "prohibited", "service:zoom", successor="service:bw-video")
    approved = standard("video", "approved", "service:bw-video")
    jitsi = entry("service:jitsi", alternatives=["service:zoom"])
    third = entry("service:third", "meetings", alternatives=["service:jitsi"])
    jitsi_ok = standard("a-jitsi", "approved", "service:jitsi", open_to=["im"])

    def alternative(records: list[Record], subject: str, code: str = "um") -> object:
        return say(records, subject, code)["alternative"]

    records = [ZOOM, VIDEO, jitsi, third, ban, approved, jitsi_ok]
    assert say(records, "service:zoom")["successor"] == "service:bw-video"
    assert alternative(records, "service:zoom") == "service:bw-video"
    assert alternative(records, "service:third", "im") == "service:jitsi"
    assert alternative(records, "service:third", "um") == "service:bw-video"
    assert alternative(records, "service:bw-video") is None
    announced = standard("video", "approved", "service:bw-video", offered_from="2027-01-01")
    later = [ZOOM, VIDEO, jitsi, ban, announced, jitsi_ok]
    assert (say(later, "service:zoom")["successor"], alternative(later, "service:zoom")) == ("service:bw-video", None)
    assert alternative(later, "service:zoom", "im") == "service:jitsi"
    assert alternative([entry("service:mail", "mail"), VIDEO, approved], "service:mail") is None
    tenant = standard("tenant", "approved", "service:zoom#tenant-land")
    assert alternative([ZOOM, tenant, ban], "service:zoom#cloud") == "service:zoom#tenant-land"
    assert alternative([ZOOM, tenant], "service:zoom") is None


def test_an_alternative_is_of_the_subjects_kind_unless_a_standard_names_it() -> None:
    def software(subject: str, **fields: Any) -> DirectoryEntry:
        return entry(subject, "database", kind="software", **fields)

    server, local = entry("service:hosted-db", "database"), software("software:a/db")
    old = software("software:b/db", alternatives=["service:hosted-db"])
    approved = [standard("s", "approved", "service:hosted-db"), standard("t", "approved", "software:a/db")]
    records = [server, local, old, *approved]
    assert say(records, "software:b/db")["alternative"] == "software:a/db"
    assert say([server, old, approved[0]], "software:b/db")["alternative"] is None
    assert say([*records, entry("service:c", "database")], "service:c")["alternative"] == "service:hosted-db"
    ban = standard("ban", "prohibited", "software:b/db", successor="service:hosted-db")
    assert say([*records, ban], "software:b/db")["alternative"] == "service:hosted-db"


def test_height_order_and_columns() -> None:
    records = [ZOOM, standard("ban", "prohibited", "service:zoom"), *UNITS]
    frame = pl.DataFrame(
        {
            "unit": ["um", "stadt", "nowhere", "um", "um"],
            "subject": ["service:zoom", "service:zoom", "service:zoom", "domain:a.example", "service:zoom"],
            "mode": "guest",
        }
    )
    found = verdicts(frame, Snapshot.of(records), DAY)
    assert found.schema == VERDICTS
    assert found["verdict"].to_list() == ["prohibited", "unlisted", "prohibited", "unlisted", "prohibited"]
    assert verdicts(frame.clear(), Snapshot.of(records), DAY).schema == VERDICTS
