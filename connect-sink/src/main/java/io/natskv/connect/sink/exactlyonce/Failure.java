package io.natskv.connect.sink.exactlyonce;

import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.WrongRevisionException;

/** What a batch, or the claim before it, has failed of. */
enum Failure {
    /** The bucket is not there. */
    MISSING,
    /** The bucket has no room for the whole batch. */
    FULL,
    /** The server does not take one of the writes. */
    REFUSED,
    /** It won't be possible whatever is tried. */
    FATAL,
    /** It may pass, or the stored offset tells more. */
    PASSING;

    private static final int BATCHES_DISABLED = 10174;

    static Failure of(KvException error) {
        if (error instanceof BucketNotFoundException) {
            return MISSING;
        } else if (KvErrors.isCode(error, KvErrors.STORE_FAILED)) {
            return FULL;
        } else if (error instanceof WrongRevisionException || KvErrors.isCode(error, BATCHES_DISABLED)) {
            return PASSING;
        } else if (error.errorClass() == ErrorClass.REJECTED) {
            return REFUSED;
        }
        return error.errorClass() == ErrorClass.FATAL ? FATAL : PASSING;
    }
}
