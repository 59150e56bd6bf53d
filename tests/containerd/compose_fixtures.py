"""The Compose files of tests/fixtures, each in a folder with all that it names, and the tool's word on each."""
import functools
import glob
import os
import re
import shutil

SOURCE = os.environ["SHOAL_SOURCE_DIR"]
FIXTURES = os.path.join(SOURCE, "tests/fixtures/compose")
VARIABLE = re.compile(r"\$\{(\w+)")
MISSING = re.compile(r": (/\S+): No such file or directory$", re.MULTILINE)
REFUSED = re.compile(r":\d+:\d+: refused: (.*)$", re.MULTILINE)
EXPECTED = re.compile(r"^(?:refused|(not yet)): (.*)$", re.MULTILINE)
ROW = re.compile(r"^\| (\S+) \| ([^|`]+) \|", re.MULTILINE)
WITHOUT_BUILDS = ["--allow-ignored", "services.*.build"]


class Fixture:
    def __init__(self, name, folder, cli):
        """`cli`: runs shoal with some words."""
        self.name = name
        self.folder = os.path.join(folder, name)
        self._cli = cli
        shutil.copytree(os.path.join(FIXTURES, "awesome-compose", name), self.folder)
        with open(glob.glob(self.folder + "/*.y*ml")[0], encoding="utf-8") as file:
            variables = sorted(set(VARIABLE.findall(file.read())))
        # Paths have to be absolute ones, and the rest may be anything.
        self._write(".env", "".join(f"{name}={'/srv/media' if 'PATH' in name else 'something'}\n"
                                    for name in variables))
        self._write_what_it_names()

    def _write(self, path, text="of a file\n"):
        path = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def _write_what_it_names(self):
        ran = self._cli("config", self.folder)
        for path in MISSING.findall(ran.err):
            self._write(path)
        for service in self.project["services"].values():
            for volume in service.get("volumes", []):
                source = volume["source"] if isinstance(volume, dict) else volume.partition(":")[0]
                read_only = volume.get("read_only") if isinstance(volume, dict) else volume.endswith(":ro")
                if read_only and source.startswith("./"):
                    self._write(source)

    @functools.cached_property
    def project(self):
        """The file as it is read."""
        ran = self._cli("config", self.folder, "-o", "json")
        assert ran.code == 0, (self.name, ran)
        return ran.json()

    @functools.cached_property
    def verdict(self):
        """As the table in docs/compose.md has it."""
        taken = self._cli("config", "-q", self.folder)
        if taken.code == 0:
            return "runs"
        needs_build = self._cli("config", "-q", self.folder, *WITHOUT_BUILDS).code == 0
        return "needs a build" if needs_build else "refuses"

    def allowances(self):
        return WITHOUT_BUILDS if self.verdict == "needs a build" else []

    def expected_refusals(self):
        with open(os.path.join(FIXTURES, "expected", self.name + ".txt"), encoding="utf-8") as file:
            return {(kind + ": " if kind else "") + what for kind, what in EXPECTED.findall(file.read())}

    def volumes(self):
        """Names of those the project makes: one for each replica, of which there is one."""
        return {f"{self.name}_{name}.0" for name in self.project.get("volumes", {})}


def refusals_in(text):
    return set(REFUSED.findall(text))


def all_of(folder, cli):
    names = [entry.name for entry in os.scandir(os.path.join(FIXTURES, "awesome-compose")) if entry.is_dir()]
    return [Fixture(name, folder, cli) for name in sorted(names)]


def documented():
    """name -> verdict, of the table for people; privileges aside, which are a node's to give."""
    with open(os.path.join(SOURCE, "docs/compose.md"), encoding="utf-8") as file:
        table = file.read().partition("<!-- begin files -->")[2].partition("<!-- end files -->")[0]
    return {name: said.strip().removesuffix(" with privileges") for name, said in ROW.findall(table)
            if name not in ("file", "---")}
