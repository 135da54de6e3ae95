#!/usr/bin/env bash
# The concise LSTM of two layers, learning rate 2 (d2l 9.3). Published: 1.0.
exec "$(dirname "${BASH_SOURCE[0]}")/train.sh" textbook-lstm-deep "$@"
