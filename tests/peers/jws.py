"""Signs and verifies the envelope with PyJWT and cryptography, which know nothing of this project.

jws.py verify JWK_FILE            message on standard input -> header and claims as JSON, or exit 1
jws.py sign JWK_FILE              claims as JSON on standard input -> message
"""
import json
import sys

import jwt
from jwt.algorithms import OKPAlgorithm


def main():
    what, key_file = sys.argv[1:3]
    text = open(key_file).read()
    key = OKPAlgorithm.from_jwk(text)
    if what == "sign":
        claims = json.load(sys.stdin)
        headers = {"typ": "ttcs+jwt", "kid": json.loads(text)["kid"]}
        print(jwt.encode(claims, key, algorithm="EdDSA", headers=headers))
        return 0
    message = sys.stdin.read().strip()
    public = key.public_key() if hasattr(key, "public_key") else key
    header = jwt.get_unverified_header(message)
    try:
        audience = json.loads(jwt.utils.base64url_decode(message.split(".")[1]))["aud"]
        claims = jwt.decode(message, public, algorithms=["EdDSA"], audience=audience)
    except jwt.InvalidTokenError as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps({"header": header, "claims": claims}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
