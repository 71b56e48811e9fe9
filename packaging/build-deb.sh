#!/bin/sh
#
# build-deb.sh - build the Debian packages of the last commit.
#
# usage: packaging/build-deb.sh [FOLDER]
#
# Needs dpkg-dev, debhelper and the Build-Depends of packaging/debian/control (mk-build-deps installs
# them). The packages, and what lintian says of them where it is there, go to FOLDER, else to deb in
# the folder that this is called from. DEB_BUILD_OPTIONS=nocheck leaves the tests out.

set -eu

out=${1:-deb}
mkdir -p "$out"
out=$(cd "$out" && pwd)
cd "$(dirname "$0")/.."

version=$(sed -n "s/^  version: '\(.*\)',$/\1/p" meson.build)
case $(dpkg-parsechangelog -l packaging/debian/changelog -S Version) in
"$version"-*) ;;
*)
    echo "packaging/debian/changelog is not of version $version, which meson.build has" >&2
    exit 1
    ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
git archive --prefix="layerscope-$version/" HEAD | tar -x -C "$work"
tar -C "$work" --sort=name --owner=0 --group=0 -cJf "$work/layerscope_$version.orig.tar.xz" \
    "layerscope-$version"
cp -R "$work/layerscope-$version/packaging/debian" "$work/layerscope-$version/debian"
(cd "$work/layerscope-$version" && dpkg-buildpackage -us -uc)
rm -rf "$work/layerscope-$version"
mv "$work"/* "$out"
if command -v lintian >/dev/null; then
    lintian --allow-root "$out"/*.changes
fi
