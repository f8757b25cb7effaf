#!/usr/bin/env bash
# The course in a room without internet: everything that pip needs is downloaded once, copied
# together with the course's folder, then installed and run without any network.
# Needs Linux, and permission to cut off the network: root, or unprivileged user namespaces.
#
#   bash tests/offline.sh [quick]     quick: a few tests instead of all of them
#                                     WHEELS=folder keeps the downloads for next time
set -euo pipefail
cd "$(dirname "$0")/.."
export PIP_DISABLE_PIP_VERSION_CHECK=1

in_the_room() {  # in a copy of the course that has a folder "wheels"; $1: quick, or nothing
    # switch on the loopback interface, the only one there is
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
        raise SystemExit("There is a network here, so this proves nothing.")
END
    start=$SECONDS
    "${PYTHON:-python3}" -m venv .venv
    source .venv/bin/activate
    pip install --quiet --no-index --find-links wheels -r requirements.txt
    echo "Installed in $((SECONDS - start)) s: $(pip list --format=freeze | wc -l) packages"

    python -m emolib doctor
    python -m emolib predict

    # reading a USB stick needs no real photographs: as many files as in FER2013, one byte each
    python - <<'END'
from pathlib import Path
from emolib.data.fer2013 import FER2013_COUNTS
for split, counts in FER2013_COUNTS.items():
    for name, n in counts.items():
        place = Path("../stick", split, name)
        place.mkdir(parents=True)
        for number in range(n):
            (place / f"{number}.jpg").write_bytes(b"x")
END
    python -m emolib download fer2013 --from ../stick 2> ../progress
    rm -r data/fer2013  # no test may learn from it

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
        pytest --quiet tests/test_classifier.py tests/test_fer2013.py notebooks/05_inference.ipynb
    else
        pytest -m "not browser"
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
    # pip builds emolib itself with hatchling and editables
    "$place/venv/bin/pip" download --quiet -r requirements.txt hatchling editables -d "$wheels"
    echo "Downloaded in $((SECONDS - start)) s"
fi
echo "$(ls "$wheels" | wc -l) files, $(du -sm "$wheels" | cut -f1) MB"

# what a teacher would bring: the course's files and the wheels
mkdir "$place/course" "$place/home" "$place/tmp"
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$place/course"
ln -s "$(realpath "$wheels")" "$place/course/wheels"

# no network, and no settings from this machine's pip or home folder
room=(unshare --net)
[ "$(id -u)" = 0 ] || room=(unshare --net --map-root-user)
cd "$place/course"
env -i PATH="$PATH" LANG="${LANG:-C.UTF-8}" PYTHON="${PYTHON:-python3}" HOME="$place/home" \
    TMPDIR="$place/tmp" PIP_CONFIG_FILE=/dev/null PIP_DISABLE_PIP_VERSION_CHECK=1 \
    "${room[@]}" bash tests/offline.sh --in-the-room "${1:-}"
echo "Everything works without internet."
