#!/usr/bin/env python3
"""mutants.py [MODULE...]            all of saga, participants, engine, ledger, fold, unless some are named
mutants.py --one-by-one MODULE [ARGS of cargo mutants...]

Changes the code, one place at a time, and sees whether a fast test notices. What is changed into what is cargo-mutants' list.
cargo-mutants compiles the tests anew for each; here all mutants of a module are compiled into one program, in a copy of the tree,
each function with a body for each of its mutants and the number of the mutant in the environment: one compilation, and then
a run of the tests each. What cannot be written so (constants, `const fn`, `-> impl`) is left to cargo-mutants, by `--one-by-one`,
which takes all of a module otherwise.

Prints what no test noticed, and the score; 1 is the exit status where there is something. What is not to be noticed is in
.cargo/mutants.toml, with its reason.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "crates/mutants"
AUDIT = "crates/engine/src/store/audit"
# Which files; with which feature of crates/mutants; and the tests that judge them, in stages: what one stage does not notice is
# shown to the next, which takes longer.
MODULES = {
    "saga": (
        ["crates/engine/src/saga/**"],
        "saga",
        [
            ["golden", "saga::", "saga_rules", "no_participant", "what_comes_back", "an_order_has"],
            ["whatever_is_said", "the_events_replay"],
            ["an_order_is_set_aside"],
            ["every_reachable_state", "so_does_every_state"],
        ],
    ),
    "participants": (
        ["crates/engine/src/participants/http/**"],
        "participants",
        [["participants::", "client::", "--skip=who_is_away"], ["who_is_away"]],
    ),
    "engine": (
        ["crates/engine/src/engine/order/**", "crates/engine/src/engine/shard.rs"],
        "engine",
        [
            ["sources::engine", "simulation::found", "--skip=postgres_"],
            ["simulation::every_order_ends", "simulation::a_seed_says_all"],
        ],
    ),
    "ledger": ([f"{AUDIT}/ledger/judge.rs", f"{AUDIT}/ledger/lines.rs"], "audit", [["audit::ledger"]]),
    "fold": (
        [f"{AUDIT}/orders/{name}.rs" for name in ("answers", "fold", "steps")],
        "audit",
        [["audit::orders"], ["agreement"]],
    ),
}
# A mutant that loops for ever is noticed, too.
TIMEOUT = 30

SWITCH = """
/// Which mutant is on.
pub fn mutant() -> u32 {
    static MUTANT: std::sync::LazyLock<u32> =
        std::sync::LazyLock::new(|| std::env::var("MUTANT").ok().and_then(|number| number.parse().ok()).unwrap_or(0));
    *MUTANT
}
"""


def say(text):
    print(f"mutants: {text}", flush=True)


def listed(module):
    command = ["cargo", "mutants", "--package=counterfoil-engine", "--list", "--json"]
    mutants = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    return [mutant for mutant in mutants if is_of(module, mutant["file"])]


def is_of(module, file):
    return any(fnmatch(file, glob) for glob in MODULES[module][0])


def copied(module):
    """The tree as git knows it, with what is not committed."""
    tree = ROOT / "target" / "mutants" / module
    subprocess.run(["rm", "-rf", tree], check=True)
    tree.mkdir(parents=True)
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True
    ).stdout
    subprocess.run(["xargs", "-0", "cp", "--parents", "-t", tree], cwd=ROOT, input=names, check=True)
    with open(tree / PACKAGE / "alone.rs", "a") as file:
        file.write(SWITCH)
    return tree


def offset(lines, place):
    return sum(map(len, lines[: place["line"] - 1])) + place["column"] - 1


def body(text, start, end):
    """Where the body of the function begins that stands there."""
    at = next(
        found.end()
        for found in re.compile(r"\bfn\s+\w+").finditer(text, start, end)
        if "//" not in text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
    )
    depth = 0
    while not (text[at] == "{" and depth == 0):
        if text.startswith("//", at):
            at = text.index("\n", at)
        depth += (text[at] in "([") - (text[at] in ")]")
        at += 1
    return at


def functions(mutants, texts):
    """The functions with their mutants; what cannot be one of several bodies is marked to be tried singly."""
    found = {}
    for mutant in mutants:
        mutant["status"] = "singly"
        if not mutant.get("function"):
            continue
        text = texts[mutant["file"]]
        lines = text.splitlines(keepends=True)
        (start, end), at = [
            tuple(offset(lines, span[edge]) for edge in ("start", "end"))
            for span in (mutant["function"]["span"], mutant["span"])
        ]
        begins = body(text, start, end)
        is_const = re.search(r"\bconst\s+fn\b", text[start:begins])
        if is_const or "impl " in mutant["function"]["return_type"] or at[0] <= begins:
            continue
        mutant.update(status="", at=at)
        found.setdefault((mutant["file"], begins, end), []).append(mutant)
    for key, inner in found.items():
        if any(key[0] == other[0] and other[1] < key[1] and key[2] < other[2] for other in found):
            for mutant in inner:
                mutant["status"] = "singly"
    return found


def written(tree, text, file, found):
    """Writes a file with all bodies, and says of each line whose body it is of: below 0 the function's own."""
    out = text
    for (name, begins, end), mutants in sorted(found.items(), key=lambda one: -one[0][1]):
        live = [mutant for mutant in mutants if not mutant["status"]]
        if name != file or not live:
            continue
        arms = ["{\nmatch crate::mutant() {\n"]
        for mutant in live:
            before, behind = text[begins + 1 : mutant["at"][0]], text[mutant["at"][1] : end - 1]
            number = mutant["number"]
            arms.append(f"/*ARM {number}*/ {number} => {{\n{before} {mutant['replacement']} {behind}\n}}\n")
        arms.append(f"/*ARM -{live[0]['number']}*/ _ => {{\n{text[begins + 1 : end - 1]}\n}}\n/*ARM 0*/}}\n}}")
        out = out[:begins] + "".join(arms) + out[end:]
    (tree / file).write_text(out)
    current, arms = 0, []
    for line in out.splitlines():
        arm = re.search(r"/\*ARM (-?\d+)\*/", line)
        current = int(arm.group(1)) if arm else current
        arms.append(current)
    return arms


def compiled(module, tree, mutants):
    """Compiles what can be compiled, and marks what cannot."""
    for number, mutant in enumerate(mutants, 1):
        mutant["number"] = number
    texts = {file: (tree / file).read_text() for file in {mutant["file"] for mutant in mutants}}
    found = functions(mutants, texts)
    command = ["cargo", "test", "--locked", "--package=counterfoil-mutants", "--lib", "--no-run", "--message-format=json"]
    command += [f"--features={MODULES[module][1]}"]
    environment = dict(
        os.environ,
        CARGO_TARGET_DIR=str(ROOT / "target" / "mutants" / "target"),
        CARGO_PROFILE_DEV_OPT_LEVEL="1",
        CARGO_PROFILE_DEV_DEBUG="false",
    )
    while True:
        arms = {file: written(tree, text, file, found) for file, text in texts.items()}
        ran = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True)
        messages = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
        if ran.returncode == 0:
            return next(one["executable"] for one in messages if one.get("executable"))
        wrong = set()
        for message in (one["message"] for one in messages if one.get("reason") == "compiler-message"):
            for span in message["spans"] if message["level"] == "error" else []:
                file = os.path.normpath(span["file_name"])
                if span["is_primary"] and file in arms:
                    wrong.add(arms[file][span["line_start"] - 1])
        unviable = {number for number in wrong if number > 0}
        for mutant in mutants:
            if mutant["number"] in unviable:
                mutant["status"] = "unviable"
        # The function's own body is wrong: where nothing else is, several bodies are more than it bears.
        for bodies in found.values() if not unviable else []:
            live = [mutant for mutant in bodies if not mutant["status"]]
            if live and -live[0]["number"] in wrong:
                for mutant in live:
                    mutant["status"] = "singly"
        if not wrong - {0}:
            sys.exit(ran.stderr)


def tested(program, tree, mutants, tests):
    """Runs these tests for each mutant that is not noticed yet."""
    command = [program, *tests]

    def run(number):
        environment = dict(os.environ, MUTANT=str(number), RUST_BACKTRACE="0", PROPTEST_MAX_SHRINK_ITERS="0")
        environment.setdefault("SIM_ORDERS", "1000")
        with subprocess.Popen(
            command,
            cwd=tree / PACKAGE,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as child:
            try:
                return "missed" if child.wait(TIMEOUT) == 0 else "caught"
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                return "timeout"

    if run(0) != "missed":
        sys.exit(f"mutants: the tests fail where nothing is changed: {' '.join(map(str, command))}")
    for mutant in mutants:
        if mutant["status"] in ("", "missed"):
            mutant["status"] = run(mutant["number"])


def at_once(module):
    began = time.monotonic()
    mutants, tree = listed(module), copied(module)
    say(f"{module}: {len(mutants)} mutants are being compiled")
    program = compiled(module, tree, mutants)
    for tests in MODULES[module][2]:
        left = sum(mutant["status"] in ("", "missed") for mutant in mutants)
        say(f"{module}: {left} are being shown to {' '.join(tests)}")
        tested(program, tree, mutants, tests)
    missed = [mutant["name"] for mutant in mutants if mutant["status"] == "missed"]
    singly = [mutant["name"] for mutant in mutants if mutant["status"] == "singly"]
    for name in missed:
        print(f"MISSED  {name}")
    for name in singly:
        print(f"SINGLY  {name}")
    counts = Counter(mutant["status"] for mutant in mutants)
    score = ", ".join(f"{counts[word]} {word}" for word in ("caught", "timeout", "missed", "unviable", "singly"))
    say(f"{module}: {score}, in {time.monotonic() - began:.0f} s")
    return not missed


def one_by_one(module, arguments):
    _, feature, stages = MODULES[module]
    command = ["cargo", "mutants", "--package=counterfoil-engine", "--list-files"]
    files = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    others = [arg for file in files if not is_of(module, file) for arg in ("--exclude", file)]
    tests = [test for stage in stages for test in stage if not test.startswith("--")]
    # What is tested where nothing is changed is another package, which cargo-mutants does not see.
    command = ["cargo", "mutants", "--package=counterfoil-engine", "--baseline=skip", f"--features={feature}", *others]
    command += ["--timeout=300", "--build-timeout=600", "--output=target/mutants", *arguments, "--", "--", *tests]
    environment = dict(os.environ, CARGO_PROFILE_DEV_OPT_LEVEL="1", CARGO_PROFILE_DEV_DEBUG="false")
    (ROOT / "target" / "mutants").mkdir(parents=True, exist_ok=True)
    return subprocess.run(command, cwd=ROOT, env=environment).returncode == 0


def main(arguments):
    if arguments[:1] == ["--one-by-one"] and arguments[1:2] and arguments[1] in MODULES:
        return one_by_one(arguments[1], arguments[2:])
    if unknown := [name for name in arguments if name not in MODULES]:
        sys.exit(f"{__doc__}\nmutants: no module: {' '.join(unknown)}")
    return all([at_once(module) for module in arguments or MODULES])


if __name__ == "__main__":
    sys.exit(not main(sys.argv[1:]))
