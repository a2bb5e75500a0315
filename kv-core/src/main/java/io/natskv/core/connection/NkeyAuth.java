package io.natskv.core.connection;

import io.nats.client.AuthHandler;
import io.nats.client.NKey;
import java.io.IOException;
import java.security.GeneralSecurityException;

/** Authentication by an nkey alone, without a JWT. */
record NkeyAuth(char[] seed) implements AuthHandler {

    /** True if this is the seed of a user's nkey. */
    static boolean isUserSeed(char[] seed) {
        try {
            return NKey.fromSeed(seed.clone()).getType() == NKey.Type.USER;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Override
    public byte[] sign(byte[] nonce) {
        try {
            NKey key = NKey.fromSeed(seed.clone());
            byte[] signature = key.sign(nonce);
            key.clear();
            return signature;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("The nkey seed can't sign", e);
        }
    }

    @Override
    public char[] getID() {
        try {
            NKey key = NKey.fromSeed(seed.clone());
            char[] id = key.getPublicKey();
            key.clear();
            return id;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("The nkey seed is malformed", e);
        }
    }

    @Override
    public char[] getJWT() {
        return null;
    }

    @Override
    public String toString() {
        return "NkeyAuth[hidden]";
    }
}
