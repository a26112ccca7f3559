"""The settings that the loaded plugins bring, as one model.

Whoever reads settings (commands, the test kit) comes here between loading plugins and reading.
"""

from __future__ import annotations

from mockforge.config import SettingsModel
from mockforge.contracts import ConfigSection
from mockforge.plugins.facade import Plugins


def settings_model(plugins: Plugins) -> SettingsModel:
    """The model of the kernel's own sections and those of loaded plugins.

    A plugin whose section cannot be one (a type that no setting can have or that cannot be resolved, a
    flag that is taken) is failed, with the reason. Sections that are named like a plugin that is not
    loaded may be in the file all the same.
    """
    sections = plugins.config_sections()
    absent = [row.name for row in plugins.rows if row.state != "loaded"]
    try:
        return SettingsModel(sections, absent=absent)
    except Exception:  # whatever a plugin's struct may raise; it is asked for alone below
        good: list[ConfigSection] = []
        for section in sections:
            try:
                SettingsModel([*good, section])
            except Exception as error:
                plugins.fail_section(section, error)
                absent.append(section.name)
            else:
                good.append(section)
        return SettingsModel(good, absent=absent)
