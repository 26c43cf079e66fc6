"""The clocks of the system."""

import sys
import time

import pytest

from stend.runtime.system import steady_ns


@pytest.mark.skipif(sys.platform != "linux", reason="a clock of Linux, with another name elsewhere")
def test_the_steady_clock_counts_the_time_that_the_machine_slept() -> None:
    before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    assert before <= steady_ns() <= time.clock_gettime_ns(time.CLOCK_BOOTTIME)
