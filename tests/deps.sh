#!/bin/sh
# Installs those of the Debian packages named as arguments that are missing. Without the right to do so
# it prints the one line to run and fails. Silent when there is nothing to do.
if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "not a Debian system: mho needs the equivalents of these packages: $*" >&2
    exit 0 # whether they are there, the compiler will say
fi

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null)
missing=
for package in "$@"; do
    case "
$installed
" in
    *"
installed $package
"*) ;;
    *) missing="$missing $package" ;;
    esac
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    as_root=sudo # asks for a password on a terminal only
else
    echo "mho needs packages that are missing. As root, run:" >&2
    echo "  apt-get install -y$missing" >&2
    exit 1
fi

install() {
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
echo "installing:$missing" >&2
install 2>/dev/null || { $as_root apt-get update -qq && install; } || {
    echo "could not install packages. As root, run:" >&2
    echo "  apt-get update && apt-get install -y$missing" >&2
    exit 1
}
