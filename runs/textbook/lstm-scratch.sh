#!/usr/bin/env bash
# The LSTM from scratch (d2l 9.2). Published: 1.3.
exec "$(dirname "${BASH_SOURCE[0]}")/train.sh" textbook-lstm-scratch "$@"
