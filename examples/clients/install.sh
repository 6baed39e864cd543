#!/bin/sh
# Installs three GitLab clients that other people wrote into a scratch folder,
# each into a folder of its own, at the versions that the comparison was made
# with. A client that cannot be installed leaves NAME.why, one line saying why;
# the others go on.
set -u
scratch=${1:?usage: install.sh FOLDER [CLIENT]}
only=${2:-}
mkdir -p "$scratch" && cd "$scratch" || exit 1

PYTHON_GITLAB='python-gitlab[graphql]==7.1.0'
GITLAB_EVALUATE='gitlab-evaluate==0.48.1'
OPENPYXL='openpyxl==3.1.5' # reads the workbook that gitlab-evaluate writes
GITBEAKER='@gitbeaker/rest@43.8.0'

# python NAME PACKAGE...
python() {
    name=$1
    shift
    [ -n "$only" ] && [ "$only" != "$name" ] && return
    [ -f "$name/.installed" ] && [ "$(cat "$name/.installed")" = "$*" ] && return
    rm -rf "$name" "$name.why"
    if ! command -v python3 >/dev/null; then
        echo "there is no python3" >"$name.why"
    elif ! python3 -m venv "$name" >"$name.log" 2>&1; then
        echo "python3 -m venv failed: see $name.log" >"$name.why"
    elif ! "$name/bin/pip" install --quiet --disable-pip-version-check "$@" >>"$name.log" 2>&1; then
        echo "pip install $* failed: see $name.log" >"$name.why"
    else
        echo "$*" >"$name/.installed"
    fi
}

# node NAME PACKAGE...
node() {
    name=$1
    shift
    [ -n "$only" ] && [ "$only" != "$name" ] && return
    [ -f "$name/.installed" ] && [ "$(cat "$name/.installed")" = "$*" ] && return
    rm -rf "$name" "$name.why"
    mkdir -p "$name"
    if ! command -v npm >/dev/null; then
        echo "there is no npm" >"$name.why"
    elif ! (cd "$name" && echo '{"private": true}' >package.json && npm install --no-audit --no-fund "$@") >"$name.log" 2>&1; then
        echo "npm install $* failed: see $name.log" >"$name.why"
    else
        echo "$*" >"$name/.installed"
    fi
}

python python-gitlab "$PYTHON_GITLAB"
python gitlab-evaluate "$GITLAB_EVALUATE" "$OPENPYXL"
node gitbeaker "$GITBEAKER"

for name in python-gitlab gitlab-evaluate gitbeaker; do
    [ -f "$name.why" ] && echo "$name: not installed: $(cat "$name.why")"
done
exit 0
