"""Wheels carry the compiled part; an editable installation builds it by `make setup`."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledPart(BuildHookInterface[Any]):
    """Builds connectors/native before files are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Raises RuntimeError with the compiler's words when none works."""
        if version == "editable":
            return
        sys.path.insert(0, str(Path(self.root)))
        from connectors.native.build import LIBRARY, build

        problem = build()
        if problem:
            raise RuntimeError(problem)
        build_data["artifacts"].append(str(LIBRARY.relative_to(self.root)))
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
