"""Settings: read from defaults, file, environment and flags into typed structs.

The command line makes a :class:`SettingsModel` of the sections that plugins bring and calls
:func:`load_settings`; servers are handed their section. :mod:`mockforge.config.flags` makes the
options of ``serve`` from the same model, :mod:`mockforge.config.schema` the JSON Schema and
:mod:`mockforge.config.reference` the documentation.
"""

from __future__ import annotations

from mockforge.config.core import KERNEL_SECTIONS, CoreConfig, LogFile, LoggingConfig
from mockforge.config.errors import ConfigErrors
from mockforge.config.find import find_file, is_settings_file
from mockforge.config.layers import Origin
from mockforge.config.load import Settings, check_environment, check_file, load_settings
from mockforge.config.model import Setting, SettingsModel
from mockforge.config.types import ByteSize, Duration

__all__ = [
    "KERNEL_SECTIONS",
    "ByteSize",
    "ConfigErrors",
    "CoreConfig",
    "Duration",
    "LogFile",
    "LoggingConfig",
    "Origin",
    "Setting",
    "Settings",
    "SettingsModel",
    "check_environment",
    "check_file",
    "find_file",
    "is_settings_file",
    "load_settings",
]
