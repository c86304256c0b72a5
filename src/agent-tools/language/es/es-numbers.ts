import { compounds } from '../number-words.js';

const UNITS = {
  ...{ un: '1', uno: '1', una: '1', dos: '2', tres: '3', cuatro: '4', cinco: '5', seis: '6', siete: '7' },
  ...{ ocho: '8', nueve: '9' },
};
const TENS = {
  ...{ treinta: 30, cuarenta: 40, cincuenta: 50, sesenta: 60, setenta: 70, ochenta: 80, noventa: 90 },
};
export const SPANISH_NUMBERS = {
  ...UNITS,
  ...{ primero: '1', primer: '1', diez: '10', once: '11', doce: '12', trece: '13', catorce: '14' },
  ...{ quince: '15', dieciseis: '16', diecisiete: '17', dieciocho: '18', diecinueve: '19', veinte: '20' },
  ...compounds({ veinti: 20 }, UNITS, ''),
  ...compounds(TENS, { '': '0' }, ''),
  ...compounds(TENS, UNITS, ' y '),
  ...compounds({ 'dos mil veinti': 2020 }, UNITS, ''),
};

export const SPANISH_HUNDREDS = {
  ...{ cien: 100, ciento: 100, doscientos: 200, trescientos: 300, cuatrocientos: 400, quinientos: 500 },
  ...{ seiscientos: 600, setecientos: 700, ochocientos: 800, novecientos: 900 },
};
