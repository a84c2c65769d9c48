"""The kinds of jobs and what does them."""

from collections.abc import Mapping
from typing import Final

from dougong.jobs.file_jobs import FILE_JOBS
from dougong.jobs.worker import Handler

HANDLERS: Final[Mapping[str, Handler]] = {**FILE_JOBS}
