#!/usr/bin/env bash
# The concise LSTM (d2l 9.2). Published: 1.1.
exec "$(dirname "${BASH_SOURCE[0]}")/train.sh" textbook-lstm "$@"
