#!/usr/bin/env bash
# Run the notebooks as Colab does: with Colab's versions, without emolib, each in an empty folder.
# The last commit takes the place of the public address; no installed package may change.
#
#   bash tests/colab.sh [NN ...]     COLAB_VENV=folder keeps the environment for next time
set -euo pipefail
cd "$(dirname "$0")/.."

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
venv=${COLAB_VENV:-$place/venv}
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYDEVD_DISABLE_FILE_VALIDATION=1
if [ ! -d "$venv" ]; then
    "${PYTHON:-python3}" -m venv "$venv"
    "$venv/bin/pip" install --quiet -c tests/colab-constraints.txt \
        $(grep -o '^[a-z][a-z-]*' tests/colab-constraints.txt) \
        opencv-python-headless pandas scikit-learn kagglehub tqdm anywidget nbclient
fi
export EMOLIB_SOLUTIONS=1
export PATH="$venv/bin:$PATH"

address=$(sed -n 's/^Repository = "\(.*\)"$/\1/p' pyproject.toml)
git clone --quiet --bare . "$place/course.git"
export GIT_CONFIG_COUNT=1 GIT_CONFIG_VALUE_0="$address"
export GIT_CONFIG_KEY_0="url.file://$place/course.git.insteadOf"

[ $# -gt 0 ] || set -- $(ls notebooks | grep -o "^[0-9]*")  # app.ipynb is for Voila
for number; do
    for notebook in notebooks/"$number"*.ipynb; do
        name=$(basename "$notebook" .ipynb)
        pip uninstall --quiet --yes emolib openpeople pillow-heif 2> "$place/not-there"
        pip list --format=freeze | sort > "$place/before"
        mkdir "$place/$name"
        git show "HEAD:$notebook" > "$place/$name/$name.ipynb"
        start=$SECONDS
        jupyter execute --timeout=600 --inplace "$place/$name/$name.ipynb"
        litter=$(python -c '
import nbformat, sys
for cell in nbformat.read(sys.argv[1], 4).cells:
    print(*(o.text for o in cell.get("outputs", []) if o.get("name") == "stderr"), end="")
' "$place/$name/$name.ipynb")
        [ -z "$litter" ] || { echo "$name writes to stderr: $litter"; exit 1; }
        # a restarted session begins in this folder, with emolib installed
        (cd "$place/$name" && python -c "
import emolib.course
emolib.setup_check(tensorflow=False)
assert emolib.course.folder('rendered').as_posix() == 'course/data/rendered'")
        pip list --format=freeze | sort > "$place/after"
        changed=$(comm -23 "$place/before" "$place/after")
        [ -z "$changed" ] || { echo "$name has changed installed packages: $changed"; exit 1; }
        echo "$name: $((SECONDS - start)) s; installed:" $(comm -13 "$place/before" "$place/after")
    done
done
