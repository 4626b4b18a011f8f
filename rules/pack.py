"""Packs: a folder of YAML read into a catalogue and a rule set, every fault at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as Folder
from pathlib import PurePosixPath
from typing import Any

from pydantic import ValidationError

from knowledge.catalogue import SECTIONS, Catalogue, Title
from knowledge.document import Document, UnreadableError
from knowledge.entry import Entry
from knowledge.fault import Fault, FaultsError, Path, describe, spell_path
from knowledge.vocabulary import Vocabulary, vocabulary_faults
from rules.references import Finding, findings
from rules.rule import Keep, Reduction, Requirement
from rules.ruleset import RuleSet

RULES: dict[str, type[Entry]] = {
    "requirements": Requirement,
    "reductions": Reduction,
    "keeps": Keep,
}
CASES = "cases"
_KEYS = {"authority": None, "facts": "key", CASES: "name"}
"""The sections whose entries are not known by `id`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands: file, section and position in that file's section."""

    file: str
    section: str
    index: int


@dataclass(frozen=True)
class Pack:
    """A catalogue and the rules over it. INVARIANT (closed): no reference leads nowhere."""

    catalogue: Catalogue
    rules: RuleSet
    reader: "Reader" = field(repr=False, compare=False)

    @property
    def id(self) -> str:
        """The pack's id."""
        return self.catalogue.title.id


Files = Mapping[str, bytes]
"""The files of a pack by their path below its folder: `knowledge/laws.yaml`."""


def read_files(folder: Folder) -> Files:
    """Return the files of a pack's folder that belong to it."""
    paths = [folder / "pack.yaml"]
    for part in ("knowledge", "rules", "cases"):
        paths += (folder / part).rglob("*.yaml")
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in paths
        if path.is_file()
    }


def load(folder: Folder) -> Pack:
    """Read a pack from its folder, or raise `FaultsError` with every fault of it."""
    return Reader(read_files(folder)).pack()


class Reader:
    """Reads the files of one pack and remembers where each entry stands."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.faults: list[Fault] = []
        self._documents: dict[str, Document] = {}
        self._unread = False
        self._places: dict[tuple[str, str], Place] = {}

    def pack(self) -> Pack:
        """Return the pack, or raise `FaultsError`."""
        title = self._title()
        raw = self.entries(("knowledge", "rules"), (*SECTIONS, *RULES))
        parsed = {
            section: self.parse(raw[section], model) for section, model in SECTIONS.items()
        }
        vocabulary = self._vocabulary(parsed["facts"])
        context = {"vocabulary": vocabulary}
        for section, model in RULES.items():
            parsed[section] = self.parse(raw[section], model, context)
        if not self._unread:  # else what a lost file declares would be missed everywhere
            declared = {name: _declared(name, rows) for name, rows in raw.items()}
            for finding in findings(
                {name: _entries(rows) for name, rows in parsed.items()}, declared
            ):
                self._add(parsed[finding.section][finding.index][0], finding)
        self.stop_on_faults()
        assert title is not None  # noqa: S101 (a missing title is a fault)
        catalogue = Catalogue(title=title, vocabulary=vocabulary, **_sections(parsed))
        rules = RuleSet(
            _entries(parsed["requirements"]),
            _entries(parsed["reductions"]),
            _entries(parsed["keeps"]),
            vocabulary,
        )
        return Pack(catalogue, rules, self)

    def stop_on_faults(self) -> None:
        """Raise `FaultsError` if anything is wrong so far."""
        if self.faults:
            raise FaultsError(self.faults)

    def entries(
        self, folders: Iterable[str], sections: Iterable[str]
    ) -> dict[str, list[tuple[Place, Any]]]:
        """Return the raw entries of every `*.yaml` file below these folders, by section."""
        found: dict[str, list[tuple[Place, Any]]] = {section: [] for section in sections}
        for file in self._files(folders):
            content = self._document(file)
            if content is None:
                continue
            if not isinstance(content, dict):
                self.fault(file, (), "the file is not a mapping", "begin with a section name")
                continue
            for section, rows in content.items():
                self._section(file, section, rows, found)
        return found

    def parse(
        self,
        rows: Iterable[tuple[Place, Any]],
        model: type[Entry],
        context: Mapping[str, Any] | None = None,
    ) -> list[tuple[Place, Any]]:
        """Return the entries that their model accepts; the faults of the others are kept."""
        good: list[tuple[Place, Any]] = []
        seen: dict[Any, Place] = {}
        for place, raw in rows:
            try:
                entry = model.model_validate(raw, context=context)
            except ValidationError as error:
                for path, what, cure in describe(error):
                    self._add(place, Finding(place.section, place.index, path, what, cure), raw)
                continue
            good.append((place, entry))
            key = _KEYS.get(place.section, "id")
            name = getattr(entry, key) if key else str(place)
            self._places.setdefault((place.section, name), place)
            if seen.setdefault(name, place) is not place:
                what = f"`{name}` is there twice, first in {self._spot(seen[name])}"
                finding = Finding(place.section, place.index, (), what, "rename or remove one")
                self._add(place, finding, raw)
        return good

    def blame(self, section: str, name: str, path: Path, what: str, cure: str) -> None:
        """Note one fault of an entry that was read, found later, by section and name."""
        place = self._places[section, name]
        self._add(place, Finding(section, place.index, path, what, cure))

    def fault(self, file: str, path: Path, what: str, cure: str, where: str = "") -> None:
        """Note one fault of a file at the line of `path`."""
        document = self._documents.get(file)
        line = document.line(path) if document else 1
        self.faults.append(Fault(file, line, where or spell_path(path) or file, what, cure))

    def _add(self, place: Place, finding: Finding, raw: Any = None) -> None:
        path = (place.section, place.index, *finding.path)
        raw = self._raw(place) if raw is None else raw
        name = (
            raw.get(_KEYS.get(place.section, "id") or "class")
            if isinstance(raw, dict)
            else None
        )
        where = f"{place.section} `{name}`" if isinstance(name, str) else spell_path(path[:2])
        if finding.path:
            where += f", {spell_path(finding.path)}"
        self.fault(place.file, path, finding.what, finding.cure, where)

    def _raw(self, place: Place) -> Any:
        return self._documents[place.file].value[place.section][place.index]

    def _spot(self, place: Place) -> str:
        line = self._documents[place.file].line((place.section, place.index))
        return f"{place.file}:{line}"

    def _section(
        self, file: str, section: str, rows: Any, found: dict[str, list[tuple[Place, Any]]]
    ) -> None:
        if section not in found:
            known = ", ".join(found)
            what = f"`{section}` is not a section of this folder"
            self.fault(file, (section,), what, f"the sections are {known}")
        elif rows is not None and not isinstance(rows, tuple):
            self.fault(
                file, (section,), f"`{section}` is not a list", "write `- ` before entries"
            )
        else:
            for index, raw in enumerate(rows or ()):
                found[section].append((Place(file, section, index), raw))

    def _files(self, folders: Iterable[str]) -> Iterator[str]:
        wanted = {*folders}
        for file in sorted(self.files):
            if PurePosixPath(file).parts[0] in wanted:
                yield file

    def _document(self, file: str) -> Any:
        try:
            document = self._documents[file] = Document(self.files[file].decode("utf-8-sig"))
        except UnicodeDecodeError:
            self.fault(file, (), "the file is not UTF-8 text", "save it as UTF-8")
        except KeyError:
            self.fault(
                file, (), "the file is missing", "create it with `id`, `name`, `regions`"
            )
        except UnreadableError as error:
            self.faults.append(Fault(file, error.line, file, error.what, error.cure))
        else:
            for line, what, cure in document.problems:
                self.faults.append(Fault(file, line, file, what, cure))
            return document.value
        self._unread = True
        return None

    def _title(self) -> Title | None:
        before = len(self.faults)
        raw = self._document("pack.yaml")
        if len(self.faults) > before:
            return None
        try:
            return Title.model_validate({} if raw is None else raw)
        except ValidationError as error:
            for path, what, cure in describe(error):
                self.fault("pack.yaml", path, what, cure)
        return None

    def _vocabulary(self, facts: list[tuple[Place, Any]]) -> Vocabulary:
        declared = _entries(facts)
        for fault in vocabulary_faults(declared):
            what, _, cure = fault.message.partition("; ")
            place = facts[fault.index][0]
            self._add(place, Finding("facts", place.index, (fault.field,), what, cure))
        return Vocabulary(declared)


def _entries(rows: list[tuple[Place, Any]]) -> list[Any]:
    return [entry for _, entry in rows]


def _declared(section: str, rows: list[tuple[Place, Any]]) -> set[str]:
    """Return the ids that are there to be named, also of entries that have faults."""
    key = _KEYS.get(section) or "id"
    ids = (entry.get(key) for _, entry in rows if isinstance(entry, dict))
    return {name for name in ids if isinstance(name, str)}


def _sections(parsed: Mapping[str, list[tuple[Place, Any]]]) -> dict[str, Any]:
    return {
        section: tuple(_entries(parsed[section]))
        if section == "authority"
        else {getattr(entry, _KEYS.get(section) or "id"): entry for _, entry in parsed[section]}
        for section in SECTIONS
    }
