import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

FILES = {
    "detector_cases": Path(__file__).parents[1] / "detectors" / "cases.py",
    "text_cases": Path(__file__).with_name("pages.py"),
}


def _load(name: str) -> ModuleType:
    if name not in sys.modules:
        spec = spec_from_file_location(name, FILES[name])
        assert spec
        assert spec.loader
        sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


CASES, PAGES = _load("detector_cases"), _load("text_cases")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "page" in metafunc.fixturenames:
        found = list(PAGES.pages(CASES))
        metafunc.parametrize("page", found, ids=[name for name, _ in found])


@pytest.fixture
def cases() -> ModuleType:
    return CASES


@pytest.fixture
def pages() -> ModuleType:
    return PAGES
