#!/usr/bin/env bash
# TorchSharp's native library is built against a C++ runtime newer than Debian 12's: it asks for GLIBCXX_3.4.32, of which
# it needs one symbol, std::ios_base_library_init, that does nothing in a program whose streams are initialised. Where the
# system's runtime is too old, this marks the request as weak and makes a library with that symbol, which rival.sh loads
# first. Needs a C compiler and Python there; elsewhere it does nothing. Usage: make-loadable.sh FOLDER
set -euo pipefail
library=$1/libLibTorchSharp.so
version=GLIBCXX_3.4.32
if [[ ! -f $library ]]; then exit; fi # not on Linux
runtime=$(ldconfig -p | awk '/libstdc\+\+\.so\.6 /{ print $NF; exit }')
if grep -qaF "$version" "$runtime"; then exit; fi

python3 "$(dirname "${BASH_SOURCE[0]}")/weaken.py" "$library" "$version"
echo 'void _ZSt21ios_base_library_initv(void) {}' | cc -shared -fPIC -x c -o "$1/libiosinit.so" -
echo "made $library load with this system's C++ runtime"
