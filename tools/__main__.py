"""``python -m tools <action>``: what is built, written and checked outside the skill."""

import sys
from typing import Final

from tools.actions import Actions

ACTIONS: Final = {
    "check": "tools.checks.check",
    "lock": "tools.dependencies.lock",
    "fetch": "tools.dependencies.fetch",
    "content": "tools.content.compiler",
    "model": "tools.publish.model",
    "skill-package": "tools.publish.skill_package",
    "bundle": "tools.publish.bundle",
    "diagram": "tools.pages.diagram",
    "red-flags": "tools.pages.red_flags",
    "clinical-scripts": "tools.pages.clinical_scripts",
}
TOOLS: Final = Actions("tools", ACTIONS)

if __name__ == "__main__":
    raise SystemExit(TOOLS.main(sys.argv[1:]))
