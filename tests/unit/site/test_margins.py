"""What a followed site tells of the day that is not over."""

import warnings

import polars as pl

from schemas.observation import OBSERVATION
from streams.site.emit import Emission
from streams.site.margins import open_days


def test_a_site_without_network_data_has_no_open_day() -> None:
    nothing = pl.DataFrame(schema={"unit": pl.String, "view": pl.String, "day": pl.Date})
    coverage = pl.DataFrame(schema={"unit": pl.String, "signal": pl.String, "view": pl.String, "day": pl.Date})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert open_days(Emission(OBSERVATION.empty(), nothing, coverage)).observations.height == 0
