#!/usr/bin/env bash
# The concise RNN of 256 units (d2l 8.6). Published: 1.3.
exec "$(dirname "${BASH_SOURCE[0]}")/train.sh" textbook-concise "$@"
