#!/usr/bin/env bash
# The GRU from scratch, reset gate before the product (d2l 9.1). Published: 1.1.
exec "$(dirname "${BASH_SOURCE[0]}")/train.sh" textbook-gru-scratch "$@"
