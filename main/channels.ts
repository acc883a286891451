/** The only two channels between a window and the app. Both carry texts: oRPC's peer messages. */
export const TO_MAIN = 'gangway:to-main';
export const TO_WINDOW = 'gangway:to-window';
