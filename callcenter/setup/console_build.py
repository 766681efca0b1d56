"""The console's pages: npm packages and the built files. Knows npm, nothing of what the pages do."""

from pathlib import Path

from callcenter.setup.commands import Commands
from callcenter.setup.failures import SetupError
from callcenter.setup.node import find_node
from callcenter.setup.stamps import Stamps, digest_of

NPM_CI = ("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
BUILT = "console"


class NpmPackages:
    """`node_modules` of one folder, as its lock file says."""

    def __init__(self, folder: Path, stamps: Stamps, tools: Path) -> None:
        self._folder = folder
        self._stamps = stamps
        self._tools = tools
        self.name = folder.name
        self._stamp = f"npm-{folder.name}"

    def is_done(self) -> bool:
        there = (self._folder / "node_modules").is_dir()
        return there and self._stamps.fresh(self._stamp, self._digest())

    def install(self, commands: Commands) -> None:
        commands.run(NPM_CI, cwd=self._folder, env=npm_env(self._tools))
        self._stamps.put(self._stamp, self._digest())

    def _digest(self) -> str:
        return digest_of(self._folder / "package.json", self._folder / "package-lock.json")


class ConsoleBuild:
    """`static` built from `web`; built again when a source changed."""

    def __init__(self, web: Path, static: Path, stamps: Stamps, tools: Path) -> None:
        self._web = web
        self._static = static
        self._stamps = stamps
        self._tools = tools

    def is_done(self) -> bool:
        return (self._static / "index.html").exists() and self._stamps.fresh(BUILT, digest_of(self._web))

    def build(self, commands: Commands) -> None:
        sources = digest_of(self._web)  # before the build: what changes meanwhile is built next time
        commands.run(("npm", "run", "build"), cwd=self._web, env=npm_env(self._tools))
        self._stamps.put(BUILT, sources)


def npm_env(tools: Path) -> dict[str, str]:
    node = find_node(tools)
    if node is None:
        raise SetupError("Node.js is not to be found; run 'make setup', which installs it.")
    return node.env()
