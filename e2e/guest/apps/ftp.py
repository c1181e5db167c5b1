# SPDX-License-Identifier: Apache-2.0
"""vsftpd, which speaks first: curl's uploads and downloads, with data connections in both directions."""

from trial import HOST, Leg, digest, expect

CONTROL, PASSIVE, ACTIVE = 2121, (2130, 2139), (2140, 2149)
# curl does not wait for the last farewell.
LEGS = (Leg("control", ((CONTROL, CONTROL),), least=5, whole=False), Leg("passive", (PASSIVE,), least=3),
        Leg("active", (ACTIVE,), least=2))
CONFIG = f"""
listen=YES
listen_address={HOST}
listen_port={CONTROL}
background=NO
anonymous_enable=YES
write_enable=YES
anon_upload_enable=YES
anon_umask=022
anon_root={{folder}}/pub
no_anon_password=YES
pasv_min_port={PASSIVE[0]}
pasv_max_port={PASSIVE[1]}
connect_from_port_20=YES
ftp_data_port=2120
use_sendfile=YES
secure_chroot_dir={{folder}}/empty
"""


def check(trial):
    large = trial.file("pub/large", 2_000_000 * trial.scale)
    incoming = trial.path / "pub/incoming"
    incoming.mkdir()
    incoming.chmod(0o777)
    (trial.path / "empty").mkdir()
    trial.serve(["vsftpd", trial.file("vsftpd.conf", text=CONFIG.format(folder=trial.path))], CONTROL)

    url, got = f"ftp://{HOST}:{CONTROL}", trial.path / "got"
    for way, options in ("passive", ()), ("active", ("--ftp-port", f"{HOST}:{ACTIVE[0]}-{ACTIVE[1]}")):
        trial.run("curl", "-sS", *options, "-o", got, f"{url}/large")
        expect(digest(got), digest(large), f"SHA-256 of a download, {way}")
        trial.run("curl", "-sS", *options, "-T", large, f"{url}/incoming/{way}")
        expect(digest(incoming / way), digest(large), f"SHA-256 of an upload, {way}")
    expect(sorted(trial.run("curl", "-sS", "--list-only", f"{url}/incoming/").split()), ["active", "passive"],
           "a listing")
