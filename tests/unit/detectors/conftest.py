import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest


def _load() -> ModuleType:
    name = "detector_cases"
    if name not in sys.modules:
        spec = spec_from_file_location(name, Path(__file__).with_name("cases.py"))
        assert spec
        assert spec.loader
        sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


CASES = _load()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "fixture" in metafunc.fixturenames:
        metafunc.parametrize("fixture", list(CASES.fixtures()), ids=str)


@pytest.fixture
def cases() -> ModuleType:
    return CASES
