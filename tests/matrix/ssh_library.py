"""ssh_library.py paramiko|libssh interactive|same|password PORT FILE

Logs in as deploy at 127.0.0.1 with the token in FILE, and shows every prompt:
what a program does that was written with one of these libraries.

interactive: keyboard-interactive, what follows from where a prompt asks
same:        keyboard-interactive, the whole token to every prompt
password:    the password method

The host key is not looked at. The exit status is 0 after a login; else standard
output ends with a line that says what the library says.
"""

import ctypes
import re
import sys


def answer(way, prompt, token):
    sys.stdout.write(prompt)
    begins = re.search(r"\(from ([0-9]+)", prompt)
    if way == "same" or begins is None:
        return token
    return token[int(begins[1]):]


def by_paramiko(way, port, token):
    import paramiko

    # The log of a client that has a thread of its own.
    transport = paramiko.Transport(("127.0.0.1", port))
    try:
        transport.start_client(timeout=30)
        if way == "password":
            answer(way, "JWT: ", token)
            transport.auth_password("deploy", token, fallback=False)
        else:
            transport.auth_interactive(
                "deploy",
                lambda title, text, fields: [
                    answer(way, prompt, token) for prompt, echo in fields
                ],
            )
        return None
    except paramiko.SSHException as exception:
        return str(exception)
    finally:
        transport.close()


# From libssh.h.
OPTIONS_HOST, OPTIONS_PORT, OPTIONS_USER = 0, 1, 4
AUTH_SUCCESS, AUTH_DENIED, AUTH_INFO = 0, 1, 3


def by_libssh(way, port, token):
    lib = ctypes.CDLL("libssh.so.4")
    lib.ssh_new.restype = ctypes.c_void_p
    lib.ssh_get_error.restype = ctypes.c_char_p
    lib.ssh_userauth_kbdint_getprompt.restype = ctypes.c_char_p
    session = ctypes.c_void_p(lib.ssh_new())
    number = ctypes.c_uint(port)
    lib.ssh_options_set(session, OPTIONS_HOST, b"127.0.0.1")
    lib.ssh_options_set(session, OPTIONS_PORT, ctypes.byref(number))
    lib.ssh_options_set(session, OPTIONS_USER, b"deploy")
    if lib.ssh_connect(session) != 0:
        return lib.ssh_get_error(session).decode()
    lib.ssh_userauth_none(session, None)
    if way == "password":
        answer(way, "JWT: ", token)
        result = lib.ssh_userauth_password(session, None, token.encode())
    else:
        result = lib.ssh_userauth_kbdint(session, None, None)
    while result == AUTH_INFO:
        for i in range(lib.ssh_userauth_kbdint_getnprompts(session)):
            prompt = lib.ssh_userauth_kbdint_getprompt(session, i, None)
            text = answer(way, prompt.decode(), token)
            lib.ssh_userauth_kbdint_setanswer(session, i, text.encode())
        result = lib.ssh_userauth_kbdint(session, None, None)
    text = None
    if result != AUTH_SUCCESS:
        text = lib.ssh_get_error(session).decode()
    lib.ssh_disconnect(session)
    lib.ssh_free(session)
    return text


def main():
    library, way, port, path = sys.argv[1:]
    with open(path, encoding="ascii") as file:
        token = file.read().strip()
    by = {"paramiko": by_paramiko, "libssh": by_libssh}[library]
    refused = by(way, int(port), token)
    print()
    if refused is not None:
        sys.exit(print(refused) or 1)


main()
