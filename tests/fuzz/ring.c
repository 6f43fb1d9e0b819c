#include "ring.h"

#include <string.h>

/*
 * The private halves were thrown away: nobody signs another token, but for
 * whoever computes an HMAC, which no mutation does.
 */

const char ring_secret[] =
    "{\"keys\":["
    "{\"kty\":\"oct\",\"k\":\"KboQ5F_ePZ8nTZs9V13sYYIej43v-nQa-iYYZRsQZe"
    "Y\",\"kid\":\"hs256\",\"alg\":\"HS256\",\"use\":\"sig\"}"
    ","
    "{\"kty\":\"oct\",\"k\":\"jN-Dk2DWwESfbEAA5D0_BL0iM-Dw85MeTx9qoPDPIR"
    "3yATNIbbj3kLE8gPb7is5N\",\"kid\":\"hs384\",\"alg\":\"HS384\",\"use\":\"s"
    "ig\"}"
    ","
    "{\"kty\":\"oct\",\"k\":\"5RSaHUjLg0qVNFyzw6sPrN1rWW2qVhLiBCOIdzr4N1"
    "d7Xje04egF_MZoC0EUPSGN8E0Vr_h76T2Zr7XIUbc7rQ\",\"kid\":\"hs512\","
    "\"alg\":\"HS512\",\"use\":\"sig\"}"
    "]}";

const char ring_public[] =
    "{\"keys\":["
    "{\"kty\":\"RSA\",\"n\":\"wBIgIRwcZPjXn5nZ7sxl0U9X86PzCPpyJQMtAUEWxG"
    "iK7ESEwtl40GDXsw5ni8eiEAcEZoDoqiLCiqoRLEEWfEnf5K6zwEwtLJgiMk"
    "efCS7BXNqPGKJNJZqNDubTe6DPM1srij2AC_2fzZg71o-2nmMOWHVOqoW_xv"
    "YZnFOeB8GuRtLm4HAqZI2URpsDRGpAR7VCFr4Rxh5e41HjCChW-jE4_EQQMY"
    "y0HZ6CJUOovzJtJ-ZDeNAz1CQMSsPyovIOoDYOOgTUG0GPrxJWdDEyAntFRK"
    "MN1AktPuUHZCmUloasjYk46SMPSiCW7m9BSzzhTDQwpaN5S4c_fsfHvz3fvH"
    "huNbWK2Z8WNq9YCjk1Tgw_LK_zrNNKoyoU0PKEVE-ir9IuWc8mop_B7HTQyT"
    "DrvyiPgYlT8WwiT2XtgDtERbxMTWbJ1s9mhyCBKdaK9CwmXub49HIrBr_Zpg"
    "S4IrUxSsvbGfKJmJIVswtzIwOtiu7qoF0w9YDddbbltn8nIfaR\",\"e\":\"AQA"
    "B\",\"kid\":\"rsa\",\"use\":\"sig\"}"
    ","
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"hUZbi5ocreD0Z-Qlves3-HmFUOpe3"
    "lVuQLuva7QZdU0\",\"y\":\"VRjIP3Lb1KAoM58CgeuOVZjRGX6TbnSgFamUcgf"
    "sdU4\",\"kid\":\"p256\",\"use\":\"sig\"}"
    ","
    "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"644GbWo3Zo4CDf1eZ7I6T7oddjCva"
    "YPdyndakO-Yzuueu5U3XHCiG-2nuFVwqwfQ\",\"y\":\"PPBHgSsmKnMJfe5DE0"
    "6wN39uFWvZHv6Xyry-eZXSYSs-Gl_xR5M3KQWxpOUeD2hY\",\"kid\":\"p384\""
    ",\"use\":\"sig\"}"
    ","
    "{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"AQCn68Oa6IvBXj-cCko8axFWQwYqM"
    "gA23pvqdPeJ9KCAnNh3n10BwxeSt1IIId0t5rEJRw0BOw_0csjkr0egnEIR\""
    ",\"y\":\"AQLrghMy1OsRaqCtCRI_zSWyXT9XUOw1QrofbTr7EEY61ymBKO_CKp"
    "OJUm7HMKsR0TH9V85Xb7nfEUpZOpuVVZFN\",\"kid\":\"p521\",\"use\":\"sig\""
    "}"
    ","
    "{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"8iHZJcfnBsH9-S5TBCLfdnhou"
    "u0GgFMShHMSgoeY3gE\",\"y\":\"KYIl_qJ2jif6YbOKMYkFbdPvbUkZ9-XwEgv"
    "nWtVC5rI\",\"kid\":\"k256\",\"use\":\"sig\"}"
    ","
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"o70IjeKBBKiCDfBaGVV-lNN4xk"
    "eQuCnCZvpFa2Msjkw\",\"kid\":\"ed25519\",\"use\":\"sig\"}"
    ","
    "{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"x\":\"BGWD01cdSGu5_H5v3DAzDSZnnnvK"
    "4C8n701EiWj81sptkMc6D8aW1Jix23oYtlwZfXOrxUYwuXgA\",\"kid\":\"ed4"
    "48\",\"use\":\"sig\"}"
    "]}";

const char *const ring_token[RING_TOKENS] = {
    "eyJhbGciOiJIUzI1NiIsImtpZCI6ImhzMjU2In0.eyJpc3MiOiJodHRwczov"
    "L2FwcC5leGFtcGxlLmNvbSIsInN1YiI6ImRlcGxveSIsImF1ZCI6InNzaCIs"
    "ImV4cCI6MTgwMDAwMDMwMCwiaWF0IjoxNzk5OTk5OTkwfQ.3DfBa71RCD_nE"
    "IodGSq9CEMc1Aoml7EYPddxkHGr73w",
    "eyJhbGciOiJIUzM4NCIsImtpZCI6ImhzMzg0In0.eyJpc3MiOiJodHRwczov"
    "L2FwcC5leGFtcGxlLmNvbSIsInN1YiI6ImRlcGxveSIsImF1ZCI6InNzaCIs"
    "ImV4cCI6MTgwMDAwMDMwMCwiaWF0IjoxNzk5OTk5OTkwfQ.rtcFph3HQ_04V"
    "W7DlL6RZpYRzwDn0AjTOAV_eGQfPgIVyR-1fHxLu0GtXSfoPgzH",
    "eyJhbGciOiJIUzUxMiIsImtpZCI6ImhzNTEyIn0.eyJpc3MiOiJodHRwczov"
    "L2FwcC5leGFtcGxlLmNvbSIsInN1YiI6ImRlcGxveSIsImF1ZCI6InNzaCIs"
    "ImV4cCI6MTgwMDAwMDMwMCwiaWF0IjoxNzk5OTk5OTkwfQ.bD7j7_-jyH4ze"
    "CMiEo3nvBeDUzVFlVF6sfKWJjDXX-In5gQvoj3rj_4XfjJffcm8-ZHJsY9ka"
    "6VS7Kb7boVCCg",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3N"
    "zby5leGFtcGxlLmNvbSIsInN1YiI6ImRlcGxveSIsImF1ZCI6InNzaCIsImV"
    "4cCI6MTgwMDAwMDMwMCwiaWF0IjoxNzk5OTk5OTkwfQ.fi_YkcJxueUWvqYO"
    "JoEe5Y9i8oVvWxYSwsrEbm7yuV-NHXXTvnekL_GZeFzYcK_1WaTF-C_Ag9ZZ"
    "K-4so3WHY2TCe59CNpAeVd0_TjLxCJCWPJBMFD3m7jirVUrKuCGKsZh5Vwfb"
    "ZKZyqnPP74Dmt_b23xbsY4Tbqmazbf6gBIoykuMNyghNMekNitagR6R8r0CE"
    "jY3cFuloWqxk5Xz5-qgvM_YVbmw52FonV0KmB3T8bGarlGbBfi52cTWTDxLV"
    "CtmrfjbIZ33YfufbESCTNn7TqMF101u-myh1Ou0KX6A2XOvWGn8etdYCpnXY"
    "x6ju3q41NJD5_M5gCfUVs2fUOPZVDRKeOdH-Nl-eSMJQXROfxRpYy70Owhp2"
    "bUVw2ojb9cfnWjI56vi1CP7S45OvzvLo2zw5TY7_8B8wiq2ivg0lbh7MeP00"
    "1Xbz6oLzCKWgA2ZyhhgZ6_IC5vKD3eZxLxm98QRRn6lFR6LilxQRHRTz35SY"
    "oLNAxxuSAJy2Qfmc",
    "eyJhbGciOiJSUzM4NCIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3N"
    "zby5leGFtcGxlLmNvbSIsInN1YiI6ImRlcGxveSIsImF1ZCI6InNzaCIsImV"
    "4cCI6MTgwMDAwMDMwMCwiaWF0IjoxNzk5OTk5OTkwfQ.ouuryXdytpc_oB-N"
    "72ctzzyCbMTtyHb3VlGE1eDaSogqNNEB71FRARSKYTqjI7S1wVwPRA-wGEC3"
    "jSR2L8kchx7Y-PFmRU7BbwqbdDRSRsWeHwZQWGPX3swZKQp6pJV8NXsuxCQ_"
    "ssDkDULUgW-dYzP0LBQftMX36bVqaa8edce5iHwcI01heLRZjvrXzUDsFkrh"
    "QAxZo1RoMaHbUVCV9fn6LzMt2U1NDR_250oYW5ctx4sovRuwPyJLDffdPbyS"
    "ZTEBX_xxOG7EKpP5cpuVaO69xQ1pIF1EYw2LaaQOPQpndalDebbfT99wn0VN"
    "tSS29hlMlNQjim2efzCFENHUihJgWNNCqKsxhquG9b25IiRAUNVhRVqvBxTP"
    "CS_XKxLIaR5FT01th9W3u0rJdPT8kSTvfgAqY-LRouKTjDF7pKxHgmJ_wGh3"
    "yw_z7DaVcCf4N9-hwj9Q37qjYMIWx4cuWag6X2eXKRXH5483D7c0OH_SRGxr"
    "5zeXdh9Xf_TEsryi",
    "eyJhbGciOiJSUzUxMiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3N"
    "zby5leGFtcGxlLmNvbSIsInN1YiI6ImRlcGxveSIsImF1ZCI6InNzaCIsImV"
    "4cCI6MTgwMDAwMDMwMCwiaWF0IjoxNzk5OTk5OTkwfQ.Obx27XjPMuq5hWcf"
    "iEhBQ4CCdP_vnhFUkBk_JhHBCl2smFt_3y1IGe_nq-iHnJzjC30RwLyivtkg"
    "EIVl-Zcj16vReoabJ5fs_dmsIoZU3qo9_ZqYu_K97_ruzoDmDan0r8577dne"
    "A2_c89k-4UgjkUkvWp6-qtL9ux8GVV1Kr_ii3BRgi5rW1LakncN-VI8FAJHb"
    "i01u4DBqsoOct-wOEYkeRfhhG30OFMCoZgJtj0c9ovh8pBA-yH25TnNyj4Yh"
    "ExzjL3ZGUbaQjL6GBEEobLyaqKlac904hu5h0ePuRtOOLSijr9MWT5n8-xze"
    "DH4CNEglSv9mQb5gj1vRvHcpkYb3EjKop7V9U_-zRWqt34__xQZKh-EQpsrN"
    "lwY79x0O5usFxtXzbv-Efq34cgDxNJJ4GoeFEtZvIgiE77WHK6cR66wKCsna"
    "5-ODnZ8FhqZyjB63LKkOVYy0VBDCPjKZwlcYVZMu_19jAeY5jxqkdvqS3wEJ"
    "N1q4kA5OXriCO9T3",
    "eyJhbGciOiJQUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3N"
    "zby5leGFtcGxlLmNvbSIsInN1YiI6ImRlcGxveSIsImF1ZCI6InNzaCIsImV"
    "4cCI6MTgwMDAwMDMwMCwiaWF0IjoxNzk5OTk5OTkwfQ.KMvHecMbpg-Y0m_i"
    "qt-2oonFp9Z94n6pNrWWaibYcM9GFp7Q4ujOEsCL1l5o9O5xnai3bIZ1HlgW"
    "aWp9QSIMREjFYT4vOfaw2Rxel31GjZTuvreABhBZXIIeW7AqVfFivYyFES5Q"
    "ZMwpztMEByc6ZnF7sPrWXZHxZ-lRYS6mPHi4msrru5NddVbtX7Mmy2I52ipR"
    "hbBsacq_ChkDTmJ7af--21MdnGd6NcEkGeoA8Z_fWT_pLYMTZO9IgOUL76_5"
    "llcxEhigyEih-U4cqGULSmjfdvc_0gGZHM692CILUlIJHpo3kDGGo9hXQwq1"
    "amFCv3Pdao59f9oG_CjOj1idifNpYmXq-tSJ149uVXz23W2xaRg_gEaVUFln"
    "SlIvIFjDlUHTBC3MCPbRepsrd-W34V-HALNnOwIWJidLiwqxb0gFxUPd11YX"
    "b5B5e0dRTEH0dmDmNujAiHXmCG_QcCREjNAk-zCQjCc3fak6dgHWlYJgmYX6"
    "edMXIWz-COGI9m3u",
    "eyJhbGciOiJQUzM4NCIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3N"
    "zby5leGFtcGxlLmNvbSIsInN1YiI6ImRlcGxveSIsImF1ZCI6InNzaCIsImV"
    "4cCI6MTgwMDAwMDMwMCwiaWF0IjoxNzk5OTk5OTkwfQ.GbDTWDDfCCDcs9Um"
    "M5A_0m27ccKQDeKgPvTtNcKoXD8d9YL0tg_lFX5zFX5zUCLjs9eAKEfdF5WS"
    "nSYzWfykK1bB1U2irjNNSzizRe85z05D5Qrmz1mdpyGA_ztISxzRjVVixDJc"
    "FtTqoSVO32UjU6t_PUuH9RMV_0WQIAAGIunjEDBy5nctL3watsXoRNbLCDMp"
    "QmrhPGCPUqTam-D-7sW6Szl0nJ656G9HMMXM_imwhQKwsZaVxkOFW0iLKlnH"
    "A44hF98odAg_8mqkkB0RRR6I8o466pKdqk0wxUykjyo8PqSlhP8grmPYNBmw"
    "ARHUM0z3NZsdaTnA_sWz52fN-JafwVhWpe7pCVsKYiYZ7mziw5JUjVTz0lEY"
    "KlY13SQrZzc75RQTCXSES3VNV8LjVqM5VJPA4vwQENlfkLiNvpTBa9CzsGCm"
    "luzndiApvgnPGVFyA7Bn2ByFUaNWRgW2TM7vWbCo31uczs0TPKo5BWd6j0yt"
    "kA7auYGhMgst6b6M",
    "eyJhbGciOiJQUzUxMiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3N"
    "zby5leGFtcGxlLmNvbSIsInN1YiI6ImRlcGxveSIsImF1ZCI6InNzaCIsImV"
    "4cCI6MTgwMDAwMDMwMCwiaWF0IjoxNzk5OTk5OTkwfQ.GjX7ybwFW6qcxoD7"
    "gA_MeSlP-Fg6Ue9qqS_xv_YWk6mBfg9WZqPxuee95nx1lWBHhjW2I8Tr1Mab"
    "XwgpZF2JG6Lu_h57fy4JXkTYCeWvTiIW1545VOKVwKUnZfhsbGe1na_X6spp"
    "DXUFWeiiWxSzN80Rjh8L4XaIZhCehZZPMQqWSPJGYgqdB0i9R9A7-XYy4p5q"
    "9C6VbYUCVKJMEbyWw26cyXn5SepyERpkl9vQBz_0jS9K_YQNAG_08oaNc2iA"
    "Dge1lxmUTyEyuaEEA-s92tuJukpYcqrienrCVEtC_ydEvE9Uvzab4UD3gOFc"
    "jBs1WTauOQi9x_Ph6Re0ff7OfDCXCSNt7_ouR21xvv8tY-JYcdQL5iN5UAeH"
    "MS8qpUCHu2tR6oOsyRNUfWTMK9F1QNgNP8-92ivwQ2SKCvfQxEaCy7tdfHVD"
    "7ZMDxgw7nxD21ssNXtkFzyZBnWLnr_5V8da20hRJfGVeSaT6CPfblBzmRN45"
    "cH5rFOMvwVuUuLXT",
    "eyJhbGciOiJFUzI1NiIsImtpZCI6InAyNTYifQ.eyJpc3MiOiJodHRwczovL"
    "3Nzby5leGFtcGxlLmNvbSIsInN1YiI6ImRlcGxveSIsImF1ZCI6InNzaCIsI"
    "mV4cCI6MTgwMDAwMDMwMCwiaWF0IjoxNzk5OTk5OTkwfQ.Ld0NGa7K9maRmF"
    "0mumKIfe8pmsjhUsZ70Jmypc0xtzpbCxmWDMjMbokhIglG9P9_-Tw-crIrWP"
    "6Xeb4HZ4Eepw",
    "eyJhbGciOiJFUzM4NCIsImtpZCI6InAzODQifQ.eyJpc3MiOiJodHRwczovL"
    "3Nzby5leGFtcGxlLmNvbSIsInN1YiI6ImRlcGxveSIsImF1ZCI6InNzaCIsI"
    "mV4cCI6MTgwMDAwMDMwMCwiaWF0IjoxNzk5OTk5OTkwfQ.SnC_83sCMS72sd"
    "VBV3PSwzUcCOiRLgEUFun9I2B2eEXpUuOdpKDxhRcG5iz_qEtwOL8iSMp3b5"
    "M_TkhfKxhYAJXceY4Qii8vMjXgrkEj9oumv41Bk9ESWB0x5f0NHnrB",
    "eyJhbGciOiJFUzUxMiIsImtpZCI6InA1MjEifQ.eyJpc3MiOiJodHRwczovL"
    "3Nzby5leGFtcGxlLmNvbSIsInN1YiI6ImRlcGxveSIsImF1ZCI6InNzaCIsI"
    "mV4cCI6MTgwMDAwMDMwMCwiaWF0IjoxNzk5OTk5OTkwfQ.AECTRHehcOayrk"
    "uZ8Z-x7VkvnWb9__i-et7S_CI89N9ytXIG1ASq61r8Ql0sOmI8MgYdIXK-9S"
    "ygyYFU0hNSxbJJAHS4VqYs7nGwdGG6eyH7p9S35L25l__aXXkZANoD8LrOdU"
    "x5L8U0XKR_0mcXXP7MYhKbqjfdcjuLOMNde78_Q0J8",
    "eyJhbGciOiJFUzI1NksiLCJraWQiOiJrMjU2In0.eyJpc3MiOiJodHRwczov"
    "L3Nzby5leGFtcGxlLmNvbSIsInN1YiI6ImRlcGxveSIsImF1ZCI6InNzaCIs"
    "ImV4cCI6MTgwMDAwMDMwMCwiaWF0IjoxNzk5OTk5OTkwfQ.-Hw7o20sh0IIg"
    "QoFfQuWEVaIqoG5erHLICxNASoIFzGycnlw_J3mBGSRAzXFBP8JaADosbl0l"
    "6N6PjlZE2RPiw",
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImVkMjU1MTkifQ.eyJpc3MiOiJodHRwc"
    "zovL3Nzby5leGFtcGxlLmNvbSIsInN1YiI6ImRlcGxveSIsImF1ZCI6InNza"
    "CIsImV4cCI6MTgwMDAwMDMwMCwiaWF0IjoxNzk5OTk5OTkwfQ.0nFXPsfsno"
    "PVcW_V_i3O9tm2mI-L9qfPap1VmsZQRNMO8Pg_iYGGiFyREA72YA2amMJNGo"
    "25sxV3kvpkJ3-3Aw",
    "eyJhbGciOiJFZDI1NTE5Iiwia2lkIjoiZWQyNTUxOSJ9.eyJpc3MiOiJodHR"
    "wczovL3Nzby5leGFtcGxlLmNvbSIsInN1YiI6ImRlcGxveSIsImF1ZCI6InN"
    "zaCIsImV4cCI6MTgwMDAwMDMwMCwiaWF0IjoxNzk5OTk5OTkwfQ.6KsSoviP"
    "oFmM-djIxTE5NZREHeZDo2fa7wXiVC4Y-4glWy_iWLUjJ1g1Wg_xTcH-hpaA"
    "HkB3tj4jG2okQgGSDQ",
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImVkNDQ4In0.eyJpc3MiOiJodHRwczov"
    "L3Nzby5leGFtcGxlLmNvbSIsInN1YiI6ImRlcGxveSIsImF1ZCI6InNzaCIs"
    "ImV4cCI6MTgwMDAwMDMwMCwiaWF0IjoxNzk5OTk5OTkwfQ.mB1nK-u-T1QPx"
    "DF1WK7OY52DacHDJS3LnNX5n6TiHHc1m0sx8VsosixD4QgM8zQbelyn-w3E7"
    "ZQATaWknRphGAxjbzctFVrboPeHop0UDCv47G9Ui0p38D_-EtJPj8EYWNVeI"
    "gIM28MayM35v2G0fA8A",
    "eyJhbGciOiJFZDQ0OCIsImtpZCI6ImVkNDQ4In0.eyJpc3MiOiJodHRwczov"
    "L3Nzby5leGFtcGxlLmNvbSIsInN1YiI6ImRlcGxveSIsImF1ZCI6InNzaCIs"
    "ImV4cCI6MTgwMDAwMDMwMCwiaWF0IjoxNzk5OTk5OTkwfQ.Ix5zm98okLghu"
    "cqhEc8LmW1DvKoTfp0FPg7Th7KXlDgX28jH7pcbFk54BeSEJnZPn64Rt5WUL"
    "4UAZ34JvlKUhTB4UHbzUYGAlKsg97z3800xHmnMAf6_7Ds3Y7OJxUpUTXZKr"
    "4g8AIExhNS_sOKC7AQA",
};

int
ring_has_signed(struct jwt_slice input)
{
	struct jwt_slice known;
	size_t i;

	for (i = 0; i < RING_TOKENS; i++) {
		known.at = ring_token[i];
		known.len = (size_t)(strrchr(ring_token[i], '.') - known.at);
		if (jwt_slice_equal(input, known))
			return 1;
	}
	return 0;
}
