#!/usr/bin/env bash
# The course in a room without internet: all that pip needs is downloaded once, carried along with
# the course's folder, then installed and run where there is no network but the machine itself.
# Needs Linux, and the right to make such a place: root, or unprivileged user namespaces.
#
#   bash tests/offline.sh [quick]     quick: a few tests in place of all of them
#                                     WHEELS=folder keeps what was downloaded for the next time
set -euo pipefail
cd "$(dirname "$0")/.."
export PIP_DISABLE_PIP_VERSION_CHECK=1

in_the_room() {  # in a copy of the course that has a folder "wheels"; $1: quick, or nothing
    # nothing but the machine itself, which has to be switched on first
    python3 - <<'END'
import fcntl, socket, struct
with socket.socket() as door:
    fcntl.ioctl(door, 0x8914, struct.pack("16sH22x", b"lo", 0x41))  # SIOCSIFFLAGS: up, running
    door.settimeout(5)
    try:
        door.connect(("1.1.1.1", 443))
    except OSError as error:
        print("No way out:", error.strerror)
    else:
        raise SystemExit("This place has a network: nothing is proved here.")
END
    start=$SECONDS
    "${PYTHON:-python3}" -m venv .venv
    source .venv/bin/activate
    pip install --quiet --no-index --find-links wheels -r requirements.txt
    echo "Installed in $((SECONDS - start)) s: $(pip list --format=freeze | wc -l) packages"

    python -m emolib doctor
    python -m emolib predict

    # no photographs are needed to see that a stick is read: files of one byte, as many as FER2013's
    python - <<'END'
from pathlib import Path
from emolib.download import FER2013_COUNTS
for split, counts in FER2013_COUNTS.items():
    for name, n in counts.items():
        place = Path("../stick", split, name)
        place.mkdir(parents=True)
        for number in range(n):
            (place / f"{number}.jpg").write_bytes(b"x")
END
    python -m emolib download fer2013 --from ../stick 2> ../progress
    rm -r data/fer2013  # no tests are to learn from it

    local options=(--no-browser --port=0 --IdentityProvider.token=check)
    [ "$(id -u)" != 0 ] || options+=(--allow-root)
    jupyter lab notebooks "${options[@]}" &> ../log &
    python - ../log <<'END' || { cat ../log; exit 1; }
import pathlib, re, sys, time, urllib.request
for _ in range(60):
    time.sleep(1)
    try:
        address = re.findall(r"http://127\.0\.0\.1:\d+", pathlib.Path(sys.argv[1]).read_text())[0]
        pages = [
            urllib.request.urlopen(f"{address}/{page}?token=check", timeout=30).read()
            for page in ("api/contents", "lab")
        ]
        break
    except (IndexError, OSError):
        continue
else:
    raise SystemExit("JupyterLab does not answer")
assert b"01_data_loading.ipynb" in pages[0] and b"jupyter-config-data" in pages[1], pages
print("JupyterLab serves the notebooks at", address)
END
    kill $!

    if [ "$1" = quick ]; then
        pytest --quiet tests/test_classifier.py tests/test_download.py notebooks/05_inference.ipynb
    else
        pytest
    fi
}

if [ "${1:-}" = --in-the-room ]; then
    in_the_room "${2:-}"
    exit
fi

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
wheels=${WHEELS:-$place/wheels}
if [ ! -d "$wheels" ]; then
    start=$SECONDS
    "${PYTHON:-python3}" -m venv "$place/venv"
    # hatchling and editables: what pip builds emolib itself with
    "$place/venv/bin/pip" download --quiet -r requirements.txt hatchling editables -d "$wheels"
    echo "Downloaded in $((SECONDS - start)) s"
fi
echo "$(ls "$wheels" | wc -l) files, $(du -sm "$wheels" | cut -f1) MB"

# what somebody would carry: the course's files and the wheels
mkdir "$place/course" "$place/home" "$place/tmp"
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$place/course"
ln -s "$(realpath "$wheels")" "$place/course/wheels"

# a room of its own: no network, and nothing of what this machine's pip and home know
room=(unshare --net)
[ "$(id -u)" = 0 ] || room=(unshare --net --map-root-user)
cd "$place/course"
env -i PATH="$PATH" LANG="${LANG:-C.UTF-8}" PYTHON="${PYTHON:-python3}" HOME="$place/home" \
    TMPDIR="$place/tmp" PIP_CONFIG_FILE=/dev/null PIP_DISABLE_PIP_VERSION_CHECK=1 \
    "${room[@]}" bash tests/offline.sh --in-the-room "${1:-}"
echo "All of it works without internet."
