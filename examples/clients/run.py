"""Runs jaxup in place of real programs' own resampling, each program in its own environment.

    python examples/clients/run.py                # all of them
    python examples/clients/run.py keras_image    # those named

The head of each script lists what it needs, in the form of PEP 723, and under
``without-dependencies`` packages of which a part without their dependencies is enough. They are
installed into .venv-clients/NAME, with this clone's jaxup.
"""

import argparse
import os
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
HEAD = re.compile(r"# /// script\n(.*?)# ///\n", re.S)


def needs(script):
    """The head of a script, or None if it has none."""
    head = HEAD.match(script.read_text())
    return head and tomllib.loads(re.sub("^# ?", "", head[1], flags=re.M))


CLIENTS = {script.stem: needs(script) for script in sorted(HERE.glob("*.py")) if needs(script)}


def run(name):
    """Install a client and run its script; return whether both went well."""
    print(f"\n== {name}", flush=True)
    python = ROOT / ".venv-clients" / name / "bin" / "python"
    if not python.exists():
        venv.create(python.parents[1], with_pip=True)
    pip = (python, "-m", "pip", "--disable-pip-version-check", "--quiet", "install")
    head = CLIENTS[name]
    alone = head.get("tool", {}).get("jaxup", {}).get("without-dependencies", [])
    commands = [[*pip, *head["dependencies"], "--editable", ROOT], [python, HERE / f"{name}.py"]]
    if alone:
        commands.insert(1, [*pip, "--no-deps", *alone])
    environment = {"JAX_PLATFORMS": "cpu", **os.environ}
    return all(subprocess.run(command, env=environment).returncode == 0 for command in commands)


def main():
    """Run the clients that the command line names, and say which did not go well."""
    parser = argparse.ArgumentParser(description="Run jaxup in real programs.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"from {', '.join(CLIENTS)}")
    names = parser.parse_args().names or list(CLIENTS)
    if unknown := set(names) - set(CLIENTS):
        parser.error(f"no client is called {', '.join(sorted(unknown))}")
    failed = [name for name in names if not run(name)]
    print(f"\n{len(names) - len(failed)} clients passed, {len(failed)} failed.", *failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
