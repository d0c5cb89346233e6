#!/usr/bin/env python3
"""Runs a command in a network that has just been made, once its loopback is up."""

import fcntl
import os
import socket
import struct
import sys

# <net/if.h> and <bits/ioctls.h>
SIOCSIFFLAGS, IFF_UP, IFF_RUNNING = 0x8914, 0x1, 0x40

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP | IFF_RUNNING))
os.execvp(sys.argv[1], sys.argv[1:])
