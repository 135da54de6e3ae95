#!/usr/bin/env bash
# The concise GRU, reset gate after the product (d2l 9.1). Published: 1.0.
exec "$(dirname "${BASH_SOURCE[0]}")/train.sh" textbook-gru "$@"
