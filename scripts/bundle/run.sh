#!/bin/sh
# Runs this bundle's tests or benchmark. It needs sh, gzip, glibc 2.34 or later and a Vulkan driver; no network.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
node=$here/bin/node

fail() {
  echo "run.sh: $1" >&2
  exit 1
}

usage() {
  echo 'usage: ./run.sh test [part of a path …]     the kernel, op and golden tests'
  echo '       ./run.sh bench [--quick] [--out f]   the benchmark; writes one JSON file'
  echo '       ./run.sh bench --help                the rest of it'
}

# Node travels compressed, for plain it is larger than the whole bundle may be.
unpack_node() {
  [ -x "$node" ] && return
  command -v gzip >/dev/null || fail "gzip is missing. Unpack bin/node.gz into bin/node on another machine."
  gzip -dc "$node.gz" >"$node.$$" || fail "cannot unpack into $here/bin. Copy the bundle to a disk with 90 MB free that you may write to."
  chmod 755 "$node.$$"
  mv "$node.$$" "$node"
}

# The libraries that the system's linker knows, one a line.
libraries=$(PATH=${PATH:-}:/usr/sbin:/sbin ldconfig -p 2>/dev/null || true)

knows() {
  case $libraries in
    *"$1 (libc6,x86-64"*) return 0 ;;
  esac
  return 1
}

# Ours come after whatever the user named, and only where the system has none: its driver may need its own.
add_libraries() {
  export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/lib/$1"
}

# True where a folder that the Vulkan loader searches by itself has a driver of that name.
has_driver() {
  for folder in /etc /usr/share /usr/local/share /usr/local/etc "${XDG_DATA_HOME:-${HOME:-}/.local/share}"; do
    for file in "$folder"/vulkan/icd.d/$1; do
      [ -e "$file" ] && return 0
    done
  done
  return 1
}

# Containers are often given NVIDIA's libraries without the file that tells the Vulkan loader of them.
find_drivers() {
  [ -z "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}${VK_ADD_DRIVER_FILES:-}" ] || return 0
  if ! has_driver '*nvidia*.json'; then
    for file in /usr/local/nvidia/share/vulkan/icd.d/*.json; do
      [ -e "$file" ] && { export VK_ADD_DRIVER_FILES="$file"; return; }
    done
    # Its GLX library needs X's; the EGL one brings the same driver without.
    if knows libGLX_nvidia.so.0 && knows libXext.so.6; then
      export VK_ADD_DRIVER_FILES="$here/lib/nvidia-glx.json"
    elif knows libEGL_nvidia.so.0; then
      export VK_ADD_DRIVER_FILES="$here/lib/nvidia-egl.json"
    fi
  fi
}

[ "$(uname -sm)" = 'Linux x86_64' ] || fail "this bundle is for Linux x86_64, got $(uname -sm)."
command=${1:-}
[ $# -gt 0 ] && shift
case $command in
  test | bench) ;;
  *)
    usage >&2
    exit 2
    ;;
esac
unpack_node
knows libstdc++.so.6 || add_libraries cpp
knows libvulkan.so.1 || add_libraries vulkan
find_drivers

if [ "$command" = test ]; then
  # One at a time: many machines have one GPU, and little memory.
  exec "$node" "$here/app/tests/run.js" --jobs 1 --timeout 1800 "$@"
fi
case "${1:-} $*" in
  [!-]*" "* | *--out* | *--help*) ;;
  *) set -- "$@" --out "$PWD/result-$(date +%Y%m%d-%H%M%S).json" ;;
esac
exec "$node" "$here/app/bench/main.js" "$@"
