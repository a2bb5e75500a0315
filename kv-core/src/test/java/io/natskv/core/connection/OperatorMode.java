package io.natskv.core.connection;

import io.nats.client.NKey;
import io.nats.client.support.JsonSerializable;
import io.nats.client.support.JwtUtils;
import java.io.IOException;
import java.security.GeneralSecurityException;

/** An operator with one account, whose JWTs a server takes from its memory resolver. */
final class OperatorMode {
    private final NKey account;
    private final String config;

    private OperatorMode(NKey account, String config) {
        this.account = account;
        this.config = config;
    }

    static OperatorMode create() throws GeneralSecurityException, IOException {
        NKey operator = NKey.createOperator(null);
        NKey account = NKey.createAccount(null);
        String operatorKey = new String(operator.getPublicKey());
        String accountKey = new String(account.getPublicKey());
        String operatorJwt = issue(operator, operatorKey, "operator", "{\"type\":\"operator\",\"version\":2}");
        String accountJwt = issue(
                operator,
                accountKey,
                "account",
                "{\"type\":\"account\",\"version\":2,\"limits\":{\"subs\":-1,\"data\":-1,\"payload\":-1,\"imports\":-1,"
                        + "\"exports\":-1,\"wildcards\":true,\"conn\":-1,\"leaf\":-1}}");
        return new OperatorMode(
                account,
                "operator: " + operatorJwt + "\nresolver: MEMORY\nresolver_preload: { " + accountKey + ": " + accountJwt
                        + " }\n");
    }

    private static String issue(NKey signer, String subject, String name, String claims)
            throws GeneralSecurityException, IOException {
        JsonSerializable nats = () -> claims;
        return JwtUtils.issueJWT(
                signer, subject, name, null, JwtUtils.currentTimeSeconds(), new String(signer.getPublicKey()), nats);
    }

    /** Lines of the server's configuration file. */
    String config() {
        return config;
    }

    /** A new user's credentials file. */
    String credentials() throws GeneralSecurityException, IOException {
        NKey user = NKey.createUser(null);
        String jwt = JwtUtils.issueUserJWT(
                account, new String(account.getPublicKey()), new String(user.getPublicKey()), "user");
        return String.format(JwtUtils.NATS_USER_JWT_FORMAT, jwt, new String(user.getSeed()));
    }
}
