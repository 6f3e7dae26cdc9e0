"""A read loop that ended: a log event, and a check that names the object."""

import json
from pathlib import Path
from typing import Any, cast

import pytest

from suar.bus.client import ReadFailed
from suar.bus.connect import BusEvent
from suar.observe import checks
from suar.observe.hooks import Happened
from suar.service.loop_look import LoopLook
from suar.service.run import _Process
from suar.service.snapshot import BusState
