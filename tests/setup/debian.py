"""A bare Debian 12 in a folder: no compiler, no Node, no pip; Python, make and git as a newcomer has installed them.

``python -m tests.setup.debian 'make test'`` runs a command there as root, in a fresh clone, and shows what it prints.
Needs root, debootstrap and the right to mount. What a command changes goes into a layer of its own and is thrown away.
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.setup.clean import KEPT, Clone
from tools.dependencies.fetch import Part, Unavailable

RELEASE: Final = "bookworm"
BRINGS: Final = ("python3", "make", "git", "ca-certificates")
USER: Final = "ana"
SECONDS: Final = 3600


@dataclass(frozen=True)
class Debian:
    """One throw-away Debian, with a fresh clone in the home of an ordinary user and one in root's."""

    layer: Path
    """Folder of what was changed."""

    @classmethod
    def make(cls, layer: Path) -> "Debian":
        """Begin from the bare system; raises Unavailable."""
        for name in ("upper", "work", "merged"):
            (layer / name).mkdir(parents=True)
        made = cls(layer)
        clone = Clone.make(layer / "upper" / "srv")
        code, printed = made.run(
            f"useradd --create-home {USER} && for home in /root /home/{USER}; do mkdir -p $home/'a b' &&"
            f" cp -r '/srv/a b/{clone.folder.name}' $home/'a b/app' || exit 1; done; chown -R {USER}: /home/{USER}"
        )
        assert code == 0, printed
        return made

    def run(self, command: str, *, user: str = "root") -> tuple[int, str]:
        """Exit code and output of a shell command, run in a user's clone where there is one."""
        inside = f"export HOME=~{user}; cd; cd 'a b/app' 2>/dev/null; {command}"
        if user != "root":
            inside = f"su {user} -c {shlex.quote(inside)}"
        kept = " ".join(f"{name}={shlex.quote(os.environ[name])}" for name in KEPT[1:] if name in os.environ)
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        script = f"""
            set -e
            mount -t overlay overlay -o lowerdir={base()},upperdir={self.layer}/upper,workdir={self.layer}/work \
                {self.layer}/merged
            cd {self.layer}/merged
            mount -t proc proc proc
            mount --rbind /dev dev
            mount --rbind /sys sys
            {self._network()}
            exec chroot . /usr/bin/env -i {path} {kept} bash -c {shlex.quote(inside)}
        """
        done = subprocess.run(
            ["unshare", "-m", "bash", "-c", script],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return done.returncode, done.stdout

    @staticmethod
    def _network() -> str:
        """Names, package sources and certificates as this machine has them."""
        lines = [f"cp {path} etc/ 2>/dev/null || true" for path in ("/etc/resolv.conf", "/etc/hosts")]
        lines += [
            "cp -r /etc/apt/sources.list* /etc/apt/apt.conf.d etc/apt/ 2>/dev/null || true",
            "cp -r /usr/share/keyrings usr/share/ 2>/dev/null || true",
        ]
        bundle = os.environ.get("SSL_CERT_FILE")
        if bundle and Path(bundle).exists():
            lines.append(f"mkdir -p .{Path(bundle).parent} && cp {bundle} .{bundle}")
        return "\n".join(lines)


def base() -> Path:
    """The bare system, made once; raises Unavailable."""
    return Part(f"debian-{RELEASE}", f"a bare Debian {RELEASE}", _bootstrap).get() / "root"


def _bootstrap(home: Path) -> None:
    for name in ("debootstrap", "unshare", "apt-get"):
        if shutil.which(name) is None:
            raise Unavailable(f"{name} is missing: apt-get install debootstrap, on Debian")
    if os.geteuid() != 0:
        raise Unavailable("only root may make and enter another system")
    shown = ("apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME)", "Created-By: Packages")
    listed = subprocess.run(shown, capture_output=True, text=True, check=False).stdout.split("\n")
    mirror = next((line.split()[0] for line in listed if line.endswith(f" {RELEASE}")), "")
    if not mirror:
        raise Unavailable(f"this machine has no package source of Debian {RELEASE}")
    command = ["debootstrap", "--variant=minbase", f"--include={','.join(BRINGS)}", RELEASE, str(home / "root"), mirror]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"debootstrap failed: {done.stdout[-500:]}")


def main() -> int:
    """Run the command of the command line."""
    with tempfile.TemporaryDirectory() as folder:
        code, printed = Debian.make(Path(folder) / "layer").run(" ".join(sys.argv[1:]))
    print(printed)
    return code


if __name__ == "__main__":
    raise SystemExit(main())
