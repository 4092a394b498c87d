"""Hosts beside a service are pages to read or what other sites fetch; the service is what remains."""

import polars as pl
import pytest

from catalogue.beside import LABELS
from catalogue.load import load
from catalogue.match import Directory
from catalogue.snapshot import Snapshot
from schemas.entries import DirectoryEntry

BUNDLED = load()
DIRECTORY = Directory(BUNDLED)

FETCHED = """
    cdn.loom.com static.figma.com embed.figma.com cdn-images.mailchimp.com embed.miro.com js.jotform.com cdn.notion.so
    static.canva.com api.github.com assets-cdn.github.com assets.calendly.com mask.icloud.com mask-h2.icloud.com
    static.whatsapp.net cdn.discordapp.com media.discordapp.net update.teamviewer.com updates.zoom.us
    download.teamviewer.com update.nai.com x.cloudsink.net liveupdate.symantec.com d1.sophosupd.com update.eset.com
    a.static.mega.co.nz static-web.grammarly.com public-assets.typeform.com x.font-public.canva.com cdn2.signal.org
    o1.ingest.de.sentry.io widget.intercom.io static.intercomassets.com wchat.freshchat.com consent.cookiebot.com
    browser-intake-datadoghq.eu js.stripe.com m.stripe.network acme.statuspage.io
    """
READ = """
    docs.github.com docs.gitlab.com about.gitlab.com help.dropbox.com eu.help.dropbox.com community.box.com
    status.slack.com support.zoom.us blog.trello.com docs.hetzner.com www.it.nrw cloud.dataport.de portal.akdb.de
    x.komm.one civitec.de kdo.de ekom21.de regioit.de citkomm.de itdz-berlin.de www.bva.bund.de
    """


def kind(host: str, directory: Directory = DIRECTORY) -> str | None:
    frame = pl.DataFrame({"host": [host], "address": [None], "application": [None]}).cast(pl.String)
    found = directory.network(frame)["kind"].item()
    return None if found is None else str(found)


@pytest.mark.parametrize(
    "host",
    [
        "www.figma.com",
        "figma.com",
        "app.box.com",
        "api.dropbox.com",
        "github.com",
        "gitlab.com",
        "docs.google.com",
        "docs.wps.com",
        "docs.zoho.eu",
        "docs.qq.com",
        "assets.adobe.com",
        "web.whatsapp.com",
        "land.zoom.us",
        "xhelp.dropbox.com",
        "cdn-lfs.huggingface.co",
        "mystatic.figma.com",
        "static-team.app.slack.com",
        "acme.sentry.io",
    ],
)
def test_the_service_itself(host: str) -> None:
    assert kind(host) == "service"


@pytest.mark.parametrize(
    "host",
    FETCHED.split(),
)
def test_what_other_sites_and_programs_fetch(host: str) -> None:
    assert kind(host) == "infrastructure"


@pytest.mark.parametrize(
    "host",
    READ.split(),
)
def test_pages_to_read_and_public_bodies(host: str) -> None:
    assert kind(host) == "website"


def test_a_new_service_has_them_too_and_what_it_lists_itself_stays_its_own() -> None:
    service = DirectoryEntry.model_validate(
        {
            "subject": "service:acme",
            "kind": "service",
            "name": {"de": "Acme", "en": "Acme"},
            "function": "notes",
            "domains": ["app.acme.example", "docs.acme.example"],
        }
    )
    both = [BUNDLED.directory[subject] for subject in LABELS]
    directory = Directory(Snapshot.of([service, *both]))
    hosts = ("app.acme.example", "docs.acme.example", "help.acme.example", "cdn.acme.example", "acme.example")
    assert [kind(host, directory) for host in hosts] == ["service", "service", "website", "infrastructure", None]
    alone = Directory(Snapshot.of([service]))
    assert kind("help.acme.example", alone) is None


def test_the_entries_that_the_labels_belong_to_exist() -> None:
    assert {subject: BUNDLED.directory[subject].kind for subject in LABELS} == {
        "service:web-service-sites": "website",
        "service:infra-static-content": "infrastructure",
    }
