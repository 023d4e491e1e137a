"""Folders of Kaldi whose files have any bytes: the utterances that a reading by hand finds, or a refusal in words.

Nothing that is written in them is run.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from hypothesis import strategies as st

from recurra.errors import RecurraError
from recurra.tasks.transcribe.utterance import Utterance
from recurra.tasks.transcribe.utterance_options import UtteranceOptions
from recurra.tasks.transcribe.utterances import read_utterances
from support.damage import INTERESTING, damaged
from support.fuzzing import fuzzed
from support.whole_commands import in_sentences

RAN = "a-command-was-run"
GOOD = {
    "wav.scp": b"a wav/a.wav\nb  wav/b.wav\nc\twav/c.wav\n",
    "text": b"a bad idea\nb do\nc aid \xe2\x80\x94 do\n",
    "utt2spk": b"a ann\nb ben\nc ann\n",
    "segments": b"a c 0.0 1.5\nb c 1.5 -1\nc a 0 2\n",
}
COMMANDS = (
    f"touch {RAN} |", f"cat wav/a.wav | touch {RAN} |", f"| touch {RAN}", f"$(touch {RAN})", f"`touch {RAN}`",
    f"touch {RAN};|", f"touch {RAN} |\u00a0", f"touch {RAN} | ",
)  # fmt: skip
WORDS = (*INTERESTING, *(command.encode() for command in COMMANDS), b"\na wav/a.wav\n", b"\nd wav/a.wav\n", b"a", b"/",
         b"../", b"wav", b"nan", b"-1", b"\xc2\xa0", b"/dev/zero", b"/dev/stdin", b"-")  # fmt: skip


@st.composite
def folders(draw: st.DrawFn) -> dict[str, bytes]:
    """Draw the files of a folder, some of them damaged, missing, or with a command in it."""
    files = {}
    for name, content in GOOD.items():
        match draw(st.integers(0, 9)):
            case 0 if name != "wav.scp":
                continue
            case 1 if name == "wav.scp":
                files[name] = content.replace(b"wav/b.wav", draw(st.sampled_from(COMMANDS)).encode())
            case 1 | 2 | 3:
                files[name] = draw(damaged(content, WORDS))
            case _:
                files[name] = content
    return files


def entries(content: bytes) -> list[tuple[str, str]]:
    """Return the names and what follows them, in the order of the lines."""
    lines = [line.strip() for line in re.split("\r\n|\r|\n", content.decode().removeprefix("\ufeff"))]
    split = [[*re.split("[ \t]", line, maxsplit=1), ""] for line in lines if line]
    return [(name, rest.strip()) for name, rest, *_ in split]


def by_hand(folder: Path, files: dict[str, bytes], transcripts: bool) -> list[Utterance]:
    """Return the utterances of a folder in which nothing is wrong, sorted by name."""
    read = {name: entries(content) for name, content in files.items()}
    assert all(len(dict(pairs)) == len(pairs) for pairs in read.values()), "a name that is there twice was read"
    scp, text, speakers = (dict(read.get(name, [])) for name in ("wav.scp", "text", "utt2spk"))
    found = []
    for name, rest in sorted(read.get("segments", [(name, f"{name} 0 -1") for name in scp])):
        recording, start, end = rest.split() if "segments" in read else (name, None, None)
        path = folder / scp[recording]
        assert path.is_file(), path
        assert name in text or not transcripts
        found.append(
            Utterance(
                path,
                text.get(name),
                speakers.get(name) or None,
                None if start is None else float(start),
                None if end is None or float(end) == -1 else float(end),
            )
        )
    return found


@fuzzed(150, files=folders(), transcripts=st.booleans())
def test_kaldi(files: dict[str, bytes], transcripts: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "speech"
        (folder / "wav").mkdir(parents=True)
        for letter in "abc":
            (folder / "wav" / f"{letter}.wav").write_bytes(b"RIFF")
        for file, content in files.items():
            (folder / file).write_bytes(content)
        before = sorted(Path(name).rglob("*"))
        try:
            found, facts = read_utterances(folder, UtteranceOptions(), transcripts=transcripts)
        except RecurraError as error:
            in_sentences(str(error))
            assert files != GOOD
        else:
            assert facts["format"] == "kaldi" and found == by_hand(folder, files, transcripts)
        assert sorted(Path(name).rglob("*")) == before and not Path(RAN).exists()
        assert all((folder / file).read_bytes() == content for file, content in files.items())
